using ServerlessLoki.Solver;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.OrTools.Tests;

public sealed class OrToolsSolverTests
{
    private readonly OrToolsSolver _solver = new();

    [Fact]
    public void Constructor_UnknownBackend_NamesThoseThereAre()
    {
        var fault = Assert.Throws<ArgumentException>(() => new OrToolsSolver("GUESS"));

        Assert.Contains("CBC", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Solve_SmallProgram_ReportsEverything()
    {
        // max 3x + 2y + 7, 2x + y ≤ 5.5, x + 3y ≤ 8, integers: x = 1, y = 2 gives 14, x = 2, y = 1 gives 15.
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise) { ObjectiveOffset = 7 };
        var (x, y) = (builder.AddColumn(0, 10, 3, isInteger: true), builder.AddColumn(0, 10, 2, isInteger: true));
        builder.AddRow(double.NegativeInfinity, 5.5, [(x, 2), (y, 1)]);
        builder.AddRow(double.NegativeInfinity, 8, [(x, 1), (y, 3)]);

        var solution = Solve(builder.Build());

        Assert.Equal(SolveStatus.Optimal, solution.Status);
        Assert.Equal([2, 1], solution.Values);
        Assert.Equal(15, solution.Objective, 1e-9);
        Assert.Equal(15, solution.Bound, 1e-6);
        Assert.Equal(0, solution.Gap, 1e-6);
    }

    [Fact]
    public void Solve_ManyNodes_CountsThem() =>
        Assert.True(Solve(MarketSplit(rows: 2, columns: 18)).Nodes > 0);

    [Theory]
    [InlineData(0, SolveStatus.Infeasible)]
    [InlineData(double.PositiveInfinity, SolveStatus.Unbounded)]
    public void Solve_NoOptimum_SaysWhich(double upper, SolveStatus expected)
    {
        foreach (var isInteger in new[] { true, false })
        {
            var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
            var x = builder.AddColumn(0, upper, 1, isInteger);
            builder.AddRow(1, double.PositiveInfinity, [(x, 1)]);

            Assert.Equal(expected, Solve(builder.Build()).Status);
        }
    }

    [Fact]
    public void Solve_CrossedBounds_Infeasible()
    {
        var builder = new MixedIntegerProgramBuilder();
        builder.AddColumn(2, 1, 1);

        Assert.Equal(SolveStatus.Infeasible, Solve(builder.Build()).Status);
    }

    [Fact]
    public void Solve_Nothing_Optimal()
    {
        var solution = Solve(new MixedIntegerProgramBuilder { ObjectiveOffset = 3 }.Build());

        Assert.Equal((SolveStatus.Optimal, 3), (solution.Status, solution.Objective));
    }

    [Fact]
    public void Solve_OwnOptimumAsWarmStart_SameOptimum()
    {
        var program = RandomPrograms.Planning(3, pipelines: 3);
        var cold = Solve(program);

        var warm = Solve(program, new SolveOptions { WarmStartValues = cold.Values });

        Assert.Equal(cold.Objective, warm.Objective, 1e-6);
    }

    [Fact]
    public void Solve_TimeLimit_ReturnsTheBestSoFarWithABound()
    {
        var solution = Solve(MarketSplit(rows: 5, columns: 50), new SolveOptions { TimeLimit = TimeSpan.FromSeconds(2), TimeProvider = TimeProvider.System });

        Assert.Equal(SolveStatus.Feasible, solution.Status);
        Assert.True(solution.Bound < solution.Objective);
        Assert.True(solution.Gap > 0);
    }

    [Fact]
    public async Task Solve_CancelledWhileRunning_Throws()
    {
        using var source = new CancellationTokenSource();
        var solve = Task.Run(() => _solver.Solve(MarketSplit(rows: 5, columns: 50), cancellationToken: source.Token), TestContext.Current.CancellationToken);
        await source.CancelAsync();

        // It would run for hours: that it ends at all is the test.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => solve);
    }

    [Fact]
    public async Task Solve_CancelledAtAnyMoment_Throws()
    {
        Assert.Equal("SCIP", _solver.Backend);
        for (var i = 0; i < 20; i++)
        {
            using var source = new CancellationTokenSource();
            var program = MarketSplit(rows: 5, columns: 50);
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var solve = Task.Run(
                () =>
                {
                    started.SetResult();
                    return _solver.Solve(program, cancellationToken: source.Token);
                },
                TestContext.Current.CancellationToken);
            await started.Task;
            // From before the native solver has taken the program to well into its search.
            await Task.Delay(TimeSpan.FromMilliseconds(i / 2), TestContext.Current.CancellationToken);
            await source.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => solve);
        }
    }

    [Fact]
    public void Solve_UnfitOptions_ListsEveryFault()
    {
        var fault = Assert.Throws<ArgumentException>(() => Solve(RandomPrograms.Planning(1), new SolveOptions { RelativeGap = -1, NodeLimit = 0 }));

        Assert.Contains("$.relativeGap", fault.Message, StringComparison.Ordinal);
        Assert.Contains("$.nodeLimit", fault.Message, StringComparison.Ordinal);
    }

    private Solution Solve(MixedIntegerProgram program, SolveOptions? options = null) => _solver.Solve(program, options, TestContext.Current.CancellationToken);

    // Splits customers between two sellers so that each gets half of every product: small, and very hard to prove.
    private static MixedIntegerProgram MarketSplit(int rows, int columns)
    {
        var random = new Random(7);
        var builder = new MixedIntegerProgramBuilder();
        for (var j = 0; j < columns; j++)
            builder.AddBinary(0);
        for (var i = 0; i < rows; i++)
        {
            var amounts = Enumerable.Range(0, columns).Select(_ => random.Next(100)).ToArray();
            var half = amounts.Sum() / 2;
            var row = builder.AddRow(half, half);
            for (var j = 0; j < columns; j++)
                builder.AddTerm(row, j, amounts[j]);
            builder.AddTerm(row, builder.AddColumn(0, double.PositiveInfinity, 1), 1);
            builder.AddTerm(row, builder.AddColumn(0, double.PositiveInfinity, 1), -1);
        }

        return builder.Build();
    }
}
