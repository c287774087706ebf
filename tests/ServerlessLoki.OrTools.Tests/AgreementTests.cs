using System.Globalization;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.Shared;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.OrTools.Tests;

/// <summary>The managed solver and CBC agree in status and objective, to 1e-6, on random and structured programs.</summary>
public sealed class AgreementTests
{
    private const string CountVariable = "SERVERLESSLOKI_CBC_PROGRAMS";

    // What fits into a few seconds; before a release the environment asks for 10,000.
    private static readonly int All =
        int.TryParse(Environment.GetEnvironmentVariable(CountVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 400;

    // CBC 2.10.8 aborts its process on this one, the command as well as the library: a failed assertion of OsiClp's crunch().
    private const int AbortsCbc = 1191;

    [Fact]
    public void Solve_MixedPrograms_Agree() => Compare(seed => RandomPrograms.Mixed(seed == AbortsCbc ? 0 : seed, 4 + (seed % 12)), 0.25);

    [Fact]
    public void Solve_FlowAndReplicaPrograms_Agree() => Compare(seed => RandomPrograms.Planning(seed, 1 + (seed % 3), 1 + (seed % 2)), 0.2);

    [Fact]
    public void Solve_FixedChargePrograms_Agree() => Compare(seed => RandomPrograms.FixedCharge(seed), 0.15);

    [Fact]
    public void Solve_KnapsackPrograms_Agree() => Compare(seed => RandomPrograms.Knapsacks(seed), 0.15);

    [Fact]
    public void Solve_PlanProgramsOfRandomClusters_Agree() => Compare(Plan, 0.24);

    [Fact]
    public void Solve_LokiLinearForms_Agree() => Compare(seed => LokiLinearForm.Build(80 + (4.5 * seed), 18), 0.01);

    private static MixedIntegerProgram Plan(int seed)
    {
        var goal = (seed % 3) switch { 0 => Goal.FewestSlots, 1 => Goal.MostAccurate, _ => Goal.MostServed };
        return new PlanProgram(PlanningSpace.Create(Synthetic.Random(seed)), goal).Build();
    }

    private static void Compare(Func<int, MixedIntegerProgram> make, double share)
    {
        var (managed, native) = (new BranchAndBoundSolver(), new OrToolsSolver("CBC"));
        var (count, faults, refuted) = ((int)Math.Ceiling(share * All), new List<string>(), 0);
        for (var seed = 0; seed < count; seed++)
        {
            var program = make(seed);
            var ours = managed.Solve(program, cancellationToken: TestContext.Current.CancellationToken);
            var theirs = native.Solve(program, cancellationToken: TestContext.Current.CancellationToken);
            if (Difference(program, ours, theirs) is not { } difference)
                continue;
            if (IsRefuted(program, theirs, by: ours) && !IsBeatenByPlainCbc(program, ours))
                refuted++;
            else
                faults.Add($"seed {seed}: {difference}");
        }

        TestContext.Current.SendDiagnosticMessage("{0} of {1} answers of CBC were refuted by a better feasible point.", refuted, count);
        Assert.True(faults.Count == 0, $"{faults.Count} of {count} differ:\n" + string.Join('\n', faults.Take(50)));
        Assert.True(refuted <= 1 + (count / 100), $"{refuted} of {count} answers of CBC were refuted: that is more than this version's known faults.");
    }

    // A feasible point that is better, or that exists at all, proves a claim of optimality or infeasibility wrong.
    private static bool IsRefuted(MixedIntegerProgram program, Solution claim, Solution by) =>
        by.HasValues && program.Violation(by.Values) <= 1e-7 && (!claim.HasValues || IsBetter(program, by.Objective, claim.Objective));

    // A third opinion: CBC with next to everything switched off, in a process of its own.
    private static bool IsBeatenByPlainCbc(MixedIntegerProgram program, Solution ours)
    {
        if (!Cbc.IsInstalled)
            return false;
        var (status, objective) = Cbc.Solve(program, plain: true);
        return status == SolveStatus.Optimal && IsBetter(program, objective, ours.Objective);
    }

    private static bool IsBetter(MixedIntegerProgram program, double objective, double than) =>
        (program.Sense == ObjectiveSense.Maximise ? objective - than : than - objective) > 1e-6 * Math.Max(1, Math.Abs(objective));

    private static string? Difference(MixedIntegerProgram program, Solution ours, Solution theirs)
    {
        foreach (var (name, found) in new[] { ("managed", ours), ("CBC", theirs) })
        {
            if (found.HasValues && program.Violation(found.Values) > 1e-7)
                return $"{name}: values break the program by {program.Violation(found.Values)}";
        }

        return ours.Status == theirs.Status
            && (!ours.HasValues || Math.Abs(ours.Objective - theirs.Objective) <= 1e-6 * Math.Max(1, Math.Abs(ours.Objective)))
            ? null
            : $"managed {ours.Status} {ours.Objective:R}, CBC {theirs.Status} {theirs.Objective:R}";
    }
}
