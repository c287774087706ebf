using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Solver.Tests;

public class CbcAgreementTests
{
    // Programs of each kind; ServerlessLoki.OrTools.Tests compares many more with CBC in the same process.
    private const int Count = 25;

    [Fact]
    public void Solve_RandomMixedPrograms_AgreesWithCbc() => Compare(seed => RandomPrograms.Mixed(seed, 4 + (seed % 12)));

    [Fact]
    public void Solve_PlanningPrograms_AgreesWithCbc() => Compare(seed => RandomPrograms.Planning(seed, 1 + (seed % 3), 1 + (seed % 2)));

    [Fact]
    public void Solve_FixedChargePrograms_AgreesWithCbc() => Compare(seed => RandomPrograms.FixedCharge(seed));

    [Fact]
    public void Solve_KnapsackPrograms_AgreesWithCbc() => Compare(seed => RandomPrograms.Knapsacks(seed));

    [Fact]
    public void Solve_LokiLinearForm_AgreesWithCbc() =>
        Compare(seed => LokiLinearForm.Build(80 + (45 * seed), 18), 6);

    private static void Compare(Func<int, MixedIntegerProgram> make) => Compare(make, Count);

    private static void Compare(Func<int, MixedIntegerProgram> make, int count)
    {
        Cbc.Require();
        var faults = new List<string>();
        for (var seed = 0; seed < count; seed++)
        {
            var program = make(seed);
            var found = new BranchAndBoundSolver().Solve(program, cancellationToken: TestContext.Current.CancellationToken);
            if (Fault(program, found, Cbc.Solve(program)) is not null && Fault(program, found, Cbc.Solve(program, plain: true)) is { } fault)
                faults.Add($"seed {seed}: {fault}");
        }

        Assert.True(faults.Count == 0, $"{faults.Count} of {count} differ:\n" + string.Join('\n', faults.Take(20)));
    }

    private static string? Fault(MixedIntegerProgram program, Solution found, (SolveStatus Status, double Objective) expected)
    {
        if (found.HasValues && program.Violation(found.Values) > 1e-7)
            return $"values break the program by {program.Violation(found.Values)}";

        // CBC's presolve reports some unbounded programs as infeasible and the reverse: either word means no optimum.
        if (expected.Status != SolveStatus.Optimal && !found.HasValues)
            return null;
        if (found.Status != expected.Status)
            return $"{found.Status} {found.Objective}, CBC {expected.Status} {expected.Objective}";
        return Math.Abs(found.Objective - expected.Objective) <= 1e-6 * Math.Max(1, Math.Abs(expected.Objective))
            ? null
            : $"{found.Objective}, CBC {expected.Objective}";
    }
}
