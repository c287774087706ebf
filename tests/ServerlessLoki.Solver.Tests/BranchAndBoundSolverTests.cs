using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Solver.Tests;

public class BranchAndBoundSolverTests
{
    private const double Infinity = double.PositiveInfinity;

    [Fact]
    public void Solve_TwoProducts_FindsTheKnownVertex()
    {
        // max 3x + 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18: the textbook optimum is (2, 6) with 36.
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var x = builder.AddColumn(0, 4, 3);
        var y = builder.AddColumn(0, Infinity, 5);
        builder.AddRow(-Infinity, 12, [(y, 2.0)]);
        builder.AddRow(-Infinity, 18, [(x, 3.0), (y, 2.0)]);

        var solution = Solve(builder.Build());

        Assert.Equal(SolveStatus.Optimal, solution.Status);
        Assert.Equal(36, solution.Objective, 9);
        Assert.Equal([2.0, 6.0], solution.Values.Select(v => Math.Round(v, 9)));
    }

    [Fact]
    public void Solve_IntegerPointsAwayFromTheRelaxation_FindsTheBestInteger()
    {
        // max 5x + 4y, 6x + 4y ≤ 24, x + 2y ≤ 6: relaxed 21 at (3, 1.5); integer 20 at (4, 0).
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var x = builder.AddColumn(0, 10, 5, isInteger: true);
        var y = builder.AddColumn(0, 10, 4, isInteger: true);
        builder.AddRow(-Infinity, 24, [(x, 6.0), (y, 4.0)]);
        builder.AddRow(-Infinity, 6, [(x, 1.0), (y, 2.0)]);

        var solution = Solve(builder.Build());

        Assert.Equal(20, solution.Objective, 9);
        Assert.Equal([4.0, 0.0], solution.Values);
        Assert.Equal(0, solution.Gap);
    }

    [Fact]
    public void Solve_FreeColumnAndEquation_Minimises()
    {
        // min x + 2y, x + y = 1, x − y ≤ 3, x free: x = 2, y = −1, objective 0.
        var builder = new MixedIntegerProgramBuilder { ObjectiveOffset = 10 };
        var x = builder.AddColumn(double.NegativeInfinity, Infinity, 1);
        var y = builder.AddColumn(double.NegativeInfinity, Infinity, 2);
        builder.AddRow(1, 1, [(x, 1.0), (y, 1.0)]);
        builder.AddRow(-Infinity, 3, [(x, 1.0), (y, -1.0)]);

        var solution = Solve(builder.Build());

        Assert.Equal(10, solution.Objective, 9);
        Assert.Equal(-1, solution.Values[y], 9);
    }

    [Fact]
    public void Solve_RowsThatContradict_IsInfeasible()
    {
        var builder = new MixedIntegerProgramBuilder();
        var x = builder.AddColumn(0, Infinity, 1);
        var y = builder.AddColumn(0, Infinity, 1);
        builder.AddRow(3, Infinity, [(x, 1.0), (y, 1.0)]);
        builder.AddRow(-Infinity, 2, [(x, 1.0), (y, 1.0)]);

        var solution = Solve(builder.Build());

        Assert.Equal(SolveStatus.Infeasible, solution.Status);
        Assert.False(solution.HasValues);
        Assert.Empty(solution.Values);
    }

    [Fact]
    public void Solve_NoIntegerInTheFeasibleInterval_IsInfeasible()
    {
        // 2x + 2y = 7 has no integer solution although its relaxation has many.
        var builder = new MixedIntegerProgramBuilder();
        var x = builder.AddColumn(0, 10, 1, isInteger: true);
        var y = builder.AddColumn(0, 10, 1, isInteger: true);
        builder.AddRow(7, 7, [(x, 2.0), (y, 2.0)]);

        Assert.Equal(SolveStatus.Infeasible, Solve(builder.Build()).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Solve_ObjectiveWithoutEnd_IsUnbounded(bool isInteger)
    {
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var x = builder.AddColumn(0, Infinity, 1, isInteger);
        var y = builder.AddColumn(0, Infinity, 1);
        builder.AddRow(-Infinity, 1, [(x, 1.0), (y, -1.0)]);

        Assert.Equal(SolveStatus.Unbounded, Solve(builder.Build()).Status);
    }

    [Fact]
    public void Solve_LowerAboveUpper_IsInfeasible()
    {
        var builder = new MixedIntegerProgramBuilder();
        builder.AddColumn(2, 1, 1);

        Assert.Equal(SolveStatus.Infeasible, Solve(builder.Build()).Status);
    }

    [Fact]
    public void Solve_NoRows_TakesTheBestBounds()
    {
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        builder.AddColumn(-1, 2.5, 2, isInteger: true);
        builder.AddColumn(-3, 7, -1);

        var solution = Solve(builder.Build());

        Assert.Equal([2.0, -3.0], solution.Values);
        Assert.Equal(7, solution.Objective);
    }

    [Fact]
    public void Solve_EmptyProgram_IsOptimalAtItsOffset() =>
        Assert.Equal(4, Solve(new MixedIntegerProgramBuilder { ObjectiveOffset = 4 }.Build()).Objective);

    [Fact]
    public void Solve_CyclingExampleOfBeale_Ends()
    {
        // Beale's example cycles under the textbook rule; the optimum is −0.05.
        var builder = new MixedIntegerProgramBuilder();
        int[] x = [builder.AddColumn(0, Infinity, -0.75), builder.AddColumn(0, Infinity, 150), builder.AddColumn(0, Infinity, -0.02), builder.AddColumn(0, Infinity, 6)];
        builder.AddRow(-Infinity, 0, [(x[0], 0.25), (x[1], -60), (x[2], -0.04), (x[3], 9)]);
        builder.AddRow(-Infinity, 0, [(x[0], 0.5), (x[1], -90), (x[2], -0.02), (x[3], 3)]);
        builder.AddRow(-Infinity, 1, [(x[2], 1.0)]);

        Assert.Equal(-0.05, Solve(builder.Build()).Objective, 9);
    }

    [Fact]
    public void Solve_NodeLimitReached_ReportsAnHonestGap()
    {
        var program = RandomPrograms.Knapsacks(3, 40, 6);
        var exact = Solve(program);

        var cut = Solve(program, new SolveOptions { NodeLimit = 1 });

        Assert.Contains(cut.Status, (SolveStatus[])[SolveStatus.Feasible, SolveStatus.Limit]);
        Assert.True(cut.Bound >= exact.Objective - 1e-6, $"bound {cut.Bound}, best {exact.Objective}");
        if (cut.HasValues)
            Assert.True(cut.Objective <= exact.Objective + 1e-6 && program.Violation(cut.Values) <= 1e-7);
    }

    [Fact]
    public void Solve_WideGapAllowed_StaysWithinIt()
    {
        var program = RandomPrograms.Knapsacks(5, 40, 6);
        var exact = Solve(program).Objective;

        var rough = Solve(program, new SolveOptions { RelativeGap = 0.05 });

        Assert.Equal(SolveStatus.Optimal, rough.Status);
        Assert.True(rough.Gap <= 0.05 && rough.Objective >= exact * 0.95 && rough.Bound >= exact - 1e-6);
    }

    [Theory]
    [InlineData(5, ObjectiveSense.Maximise)]
    [InlineData(6, ObjectiveSense.Minimise)]
    public void Solve_Cutoff_FindsOnlyWhatIsBetter(int seed, ObjectiveSense sense)
    {
        var program = sense == ObjectiveSense.Maximise ? RandomPrograms.Knapsacks(seed) : RandomPrograms.FixedCharge(seed);
        var exact = Solve(program).Objective;
        var better = sense == ObjectiveSense.Maximise ? 1e-3 : -1e-3;

        var worthwhile = Solve(program, new SolveOptions { Cutoff = exact - better });
        var nothing = Solve(program, new SolveOptions { Cutoff = exact + better });

        Assert.Equal((SolveStatus.Optimal, exact), (worthwhile.Status, worthwhile.Objective), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-6);
        Assert.Equal(SolveStatus.Limit, nothing.Status);
        Assert.False(nothing.HasValues);
        Assert.True(sense == ObjectiveSense.Maximise ? nothing.Bound >= exact : nothing.Bound <= exact, $"bound {nothing.Bound}, best {exact}");
    }

    [Fact]
    public void Solve_ClockPastTheLimit_StopsWithoutError()
    {
        var program = RandomPrograms.Knapsacks(3, 60, 8);
        var clock = new SteppingClock(TimeSpan.FromMilliseconds(1));

        var solution = Solve(program, new SolveOptions { TimeLimit = TimeSpan.FromMilliseconds(20), TimeProvider = clock });

        Assert.Contains(solution.Status, (SolveStatus[])[SolveStatus.Feasible, SolveStatus.Limit]);
    }

    [Fact]
    public void Solve_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() => new BranchAndBoundSolver().Solve(RandomPrograms.Knapsacks(1), cancellationToken: source.Token));
    }

    [Fact]
    public void Solve_FaultyOptions_ListsEveryFault()
    {
        var options = new SolveOptions { RelativeGap = -1, AbsoluteGap = double.NaN, TimeLimit = TimeSpan.Zero, NodeLimit = 0, WarmStartValues = [1] };

        var message = Assert.Throws<ArgumentException>(() => Solve(RandomPrograms.Knapsacks(1), options)).Message;

        Assert.All(["relativeGap", "absoluteGap", "timeLimit", "timeProvider", "nodeLimit", "warmStartValues"], f => Assert.Contains(f, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Solve_WarmStart_NeedsNoMoreNodesOnTheSameProgram()
    {
        var program = RandomPrograms.Planning(4, 3, 2);
        var cold = Solve(program);

        var warm = Solve(program, new SolveOptions { WarmStartBasis = cold.Basis, WarmStartValues = cold.Values });

        Assert.Equal(cold.Objective, warm.Objective, 6);
        Assert.True(warm.Iterations <= cold.Iterations, $"{warm.Iterations} iterations, cold {cold.Iterations}");
    }

    [Fact]
    public void Solve_WarmStartOfNonsense_IsIgnored()
    {
        var program = RandomPrograms.Planning(4, 2, 2);
        var other = Solve(RandomPrograms.Planning(5, 3, 1));
        var values = Enumerable.Repeat(1e6, program.ColumnCount).ToArray();

        var solution = Solve(program, new SolveOptions { WarmStartBasis = other.Basis, WarmStartValues = values });

        Assert.Equal(Solve(program).Objective, solution.Objective, 6);
    }

    private static Solution Solve(MixedIntegerProgram program, SolveOptions? options = null) =>
        new BranchAndBoundSolver().Solve(program, options, TestContext.Current.CancellationToken);

    // Each look at it takes a while, so that a test needs no real time.
    private sealed class SteppingClock(TimeSpan step) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += step.Ticks;
    }
}
