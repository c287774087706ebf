using System.Diagnostics;
using System.Globalization;
using System.Text;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Tests.Shared;

/// <summary>Debian's CBC as an independent judge: writes a program as free MPS, runs the command, reads what it found.</summary>
internal static class Cbc
{
    private const string Command = "cbc";

    private static readonly Lazy<bool> s_isInstalled = new(() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, Command))));

    public static bool IsInstalled => s_isInstalled.Value;

    /// <summary>Skips the running test where CBC is not installed.</summary>
    public static void Require() =>
        Assert.SkipUnless(s_isInstalled.Value, "The command 'cbc' is not installed (Debian: apt-get install coinor-cbc).");

    /// <summary>
    /// Solves one program to the asked relative gap. One process each: CBC carries state from one solve to the next.
    /// <paramref name="plain"/> is its branch and bound without preprocessing and cuts, which are the source of its rare
    /// wrong answers.
    /// </summary>
    public static (SolveStatus Status, double Objective) Solve(MixedIntegerProgram program, double gap = 1e-9, bool plain = false)
    {
        var folder = Directory.CreateTempSubdirectory("cbc-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "p.mps"), ToMps(program));
            Run(folder.FullName, [
                "p.mps", "-ratio", gap.ToString(CultureInfo.InvariantCulture), "-allow", "1e-9", "-integerT", "1e-8",
                "-primalT", "1e-8", "-dualT", "1e-8", "-log", "0", .. Plain(plain), "-solve", "-solution", "p.sol", "-quit"]);
            return Read(program, Path.Combine(folder.FullName, "p.sol"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Plain(bool plain) => plain ? ["-preprocess", "off", "-presolve", "off", "-cuts", "off"] : [];

    private static void Run(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(Command)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        error.Wait();
    }

    private static (SolveStatus Status, double Objective) Read(MixedIntegerProgram program, string path)
    {
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [""];
        var first = lines[0];
        if (first.StartsWith("Infeasible", StringComparison.Ordinal) || first.StartsWith("Integer infeasible", StringComparison.Ordinal))
            return (SolveStatus.Infeasible, double.NaN);
        if (first.StartsWith("Unbounded", StringComparison.Ordinal))
            return (SolveStatus.Unbounded, double.NaN);
        if (!first.StartsWith("Optimal", StringComparison.Ordinal))
            return (SolveStatus.Limit, double.NaN);

        var values = new double[program.ColumnCount];
        foreach (var line in lines.Skip(1))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var name = parts.First(part => part.StartsWith('C'));
            var value = parts[Array.IndexOf(parts, name) + 1];
            values[int.Parse(name[1..], CultureInfo.InvariantCulture)] = double.Parse(value, CultureInfo.InvariantCulture);
        }

        return (SolveStatus.Optimal, program.Evaluate(values));
    }

    public static string ToMps(MixedIntegerProgram program)
    {
        var text = new StringBuilder("NAME P FREE\nROWS\n N OBJ\n");
        for (var i = 0; i < program.RowCount; i++)
            text.Append(CultureInfo.InvariantCulture, $" {RowType(program, i)} R{i}\n");
        text.Append("COLUMNS\n");
        var sign = program.Sense == ObjectiveSense.Maximise ? -1 : 1;
        for (var j = 0; j < program.ColumnCount; j++)
        {
            if (program.IsInteger[j])
                text.Append(CultureInfo.InvariantCulture, $" M{j} 'MARKER' 'INTORG'\n");
            text.Append(CultureInfo.InvariantCulture, $" C{j} OBJ {sign * program.Objective[j]:R}\n");
            for (var k = program.ColumnStarts[j]; k < program.ColumnStarts[j + 1]; k++)
                text.Append(CultureInfo.InvariantCulture, $" C{j} R{program.RowIndices[k]} {program.Coefficients[k]:R}\n");
            if (program.IsInteger[j])
                text.Append(CultureInfo.InvariantCulture, $" N{j} 'MARKER' 'INTEND'\n");
        }

        text.Append("RHS\n");
        for (var i = 0; i < program.RowCount; i++)
        {
            var side = RowType(program, i) is 'G' ? program.RowLower[i] : program.RowUpper[i];
            if (!double.IsInfinity(side))
                text.Append(CultureInfo.InvariantCulture, $" RHS R{i} {side:R}\n");
        }

        text.Append("RANGES\n");
        for (var i = 0; i < program.RowCount; i++)
        {
            if (RowType(program, i) == 'L' && !double.IsInfinity(program.RowLower[i]))
                text.Append(CultureInfo.InvariantCulture, $" RNG R{i} {program.RowUpper[i] - program.RowLower[i]:R}\n");
        }

        text.Append("BOUNDS\n");
        for (var j = 0; j < program.ColumnCount; j++)
        {
            var (lower, upper) = (program.ColumnLower[j], program.ColumnUpper[j]);
            if (double.IsInfinity(lower) && double.IsInfinity(upper))
            {
                text.Append(CultureInfo.InvariantCulture, $" FR BND C{j}\n");
                continue;
            }

            text.Append(double.IsInfinity(lower) ? $" MI BND C{j}\n" : string.Create(CultureInfo.InvariantCulture, $" LO BND C{j} {lower:R}\n"));
            text.Append(double.IsInfinity(upper) ? $" PL BND C{j}\n" : string.Create(CultureInfo.InvariantCulture, $" UP BND C{j} {upper:R}\n"));
        }

        return text.Append("ENDATA\n").ToString();
    }

    private static char RowType(MixedIntegerProgram program, int row)
    {
        var (lower, upper) = (program.RowLower[row], program.RowUpper[row]);
        return lower == upper ? 'E' : !double.IsInfinity(upper) ? 'L' : !double.IsInfinity(lower) ? 'G' : 'N';
    }
}
