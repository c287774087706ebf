using System.CommandLine;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;

namespace ServerlessLoki.Cli.Tests.Commands;

/// <summary>Every option of every command under values that no option takes.</summary>
public sealed class ParseFaultsTests
{
    public static TheoryData<string, string> Options()
    {
        var data = new TheoryData<string, string>();
        using var output = new StringWriter();
        foreach (var (path, option) in All(CliApp.Root(new CliConsole(output, output, json: false, Terminal.Plain), Known.BuiltIn), ""))
        {
            // These two end a command whatever else is said.
            if (option.Name is not ("--help" or "--version"))
                data.Add(path, option.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Value_Malformed_EndsWith2AndLinesOfOurs(string command, string option)
    {
        // The unknown option keeps a command from running where the value happens to be allowed.
        foreach (var value in (string[])["", " ", "-1", "\u001b[31m", new string('9', 5000), "\ud83d", "*?", "nowhere/at/all"])
        {
            var run = await Cli.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--no-such-option", option, value]);

            Assert.True(run.Code == 2, $"{option} '{value}': {run.Code} {run.Error}");
            Assert.All(run.Error.TrimEnd().Split('\n'), l => Assert.True(l.StartsWith("loki: ", StringComparison.Ordinal) || l.StartsWith("See '", StringComparison.Ordinal), l));
            Assert.DoesNotContain("System.", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', run.Error);
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Value_Missing_EndsWith2(string command, string option)
    {
        var run = await Cli.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--no-such-option", option]);

        Assert.True(run.Code == 2, run.Error);
        Assert.StartsWith("loki: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("loki: --out: found '', allowed: path of a file", "import", "loki", "--data", ".", "--out", "")]
    [InlineData("loki: --html: found '', allowed: path of a file", "compare", "--html", "")]
    [InlineData("loki: --arrivals: found 'sometimes', allowed: ", "load", "--arrivals", "sometimes")]
    public async Task Value_OfNoSuchType_IsSaidInOurWords(string expected, params string[] args)
    {
        var run = await Cli.RunAsync(args);

        Assert.Equal(2, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, Option Option)> All(Command command, string path) =>
        command.Options.Select(o => (path, o)).Concat(command.Subcommands.SelectMany(c => All(c, $"{path} {c.Name}")));
}
