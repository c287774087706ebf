using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class PlanningCancellationTests(ITestOutputHelper output)
{
    /// <summary>A busy machine may run other processes in between; undisturbed it takes milliseconds.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Cases => ["families", "chain of 8", "shared cluster"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_Cancelled_EndsSoonWhereverItIs(string name)
    {
        var problem = Of(name);
        Assert.ThrowsAny<OperationCanceledException>(() => PlanningPolicies.Create(PlanningPolicies.Unified, new BranchAndBoundSolver()).Plan(problem, new CancellationToken(true)));
        var slowest = TimeSpan.Zero;
        foreach (var after in (int[])[0, 3, 10, 30, 60, 100, 250, 700])
        {
            using var cancel = new CancellationTokenSource();
            long? cancelled = null;
            using var timer = new Timer(
                _ =>
                {
                    cancelled = Stopwatch.GetTimestamp();
                    cancel.Cancel();
                }, null, after, Timeout.Infinite);
            try
            {
                PlanningPolicies.Create(PlanningPolicies.Unified, new BranchAndBoundSolver()).Plan(problem, cancel.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                var took = Stopwatch.GetElapsedTime(cancelled!.Value);
                slowest = took > slowest ? took : slowest;
                output.WriteLine($"cancelled after {after} ms: ended {took.TotalMilliseconds:0.0} ms later");
            }
        }

        Assert.InRange(slowest, TimeSpan.Zero, Most);
    }

    [Fact]
    public void Plan_EightTasksAndHardlyTime_LargeProgramsAreNotBegun()
    {
        // The clock stands at the start and is past the limit after the first solve.
        var (clock, solver) = (new FakeTimeProvider(), new Counting());
        var problem = Of("chain of 8");
        problem = problem with { Options = problem.Options with { TimeLimit = TimeSpan.FromMilliseconds(500) } };
        solver.Solved = () => clock.Advance(TimeSpan.FromMilliseconds(460));

        var plan = PlanningPolicies.Create(PlanningPolicies.Unified, solver, clock).Plan(problem, TestContext.Current.CancellationToken);

        Assert.Equal("time ran out", plan.Proof.Status);
        Assert.NotEmpty(plan.Slots);
        // Forty milliseconds are too few for thirty thousand columns; small ones are solved all the same.
        Assert.InRange(solver.Columns.Count, 1, 20);
        Assert.All(solver.Columns.Skip(1), static c => Assert.InRange(c, 0, 10_000));
    }

    private sealed class Counting : ISolver
    {
        private readonly BranchAndBoundSolver _inner = new();

        public List<int> Columns { get; } = [];

        public Action Solved { get; set; } = static () => { };

        public Solution Solve(MixedIntegerProgram program, SolveOptions? options = null, CancellationToken cancellationToken = default)
        {
            Columns.Add(program.ColumnCount);
            var solution = _inner.Solve(program, options, cancellationToken);
            Solved();
            return solution;
        }
    }

    private static PlanningProblem Of(string name) => name switch
    {
        "families" => Synthetic.Problem(
            [.. Enumerable.Range(0, 9).Select(i => (Synthetic.Pipeline($"f{i}", 150, [-1], 5), 233.0))],
            [new DeviceType("a", 14), new DeviceType("b", 13), new DeviceType("c", 13)]),
        "chain of 8" => Synthetic.Problem(300, 40, -1, 0, 1, 2, 3, 4, 5, 6),
        _ => Synthetic.Problem(
            [.. Enumerable.Range(0, 12).Select(i => (Synthetic.Pipeline($"p{i}", 250, [-1, 0, 0], 4), 60.0 + i))],
            [new DeviceType("a", 60), new DeviceType("b", 60, PricePerHour: 1)]),
    };
}
