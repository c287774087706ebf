using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>The join by credit over random trees, answers in any order that can happen.</summary>
public sealed class JoinPropertyTests
{
    [Fact]
    public void Report_AnyTreeInAnyOrder_CompletesWithTheLastLeafAndNotBefore() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var ends = 0;
            var query = Query(() => ends++);
            var open = Nodes(random, query);
            var all = open.Count;
            var leaves = open.Where(n => n.Children == 0).Select(n => n.Item.Accuracy).ToArray();
            var expected = open.Where(n => n.Item.ParentTask >= 0).ToDictionary(n => (n.Item.Task, n.Item.Credit.Start), n => (n.Item.ParentTask, n.Item.ParentStart));
            var reported = new HashSet<(int, UInt128)>();
            while (open.Count > 0)
            {
                Assert.False(query.Result.IsCompleted);
                // A parent is reported before its children are sent; all else may come in any order.
                var ready = open.Where(n => n.Item.ParentTask < 0 || reported.Contains((n.Item.ParentTask, n.Item.ParentStart))).ToArray();
                var next = ready[random.Next(ready.Length)];
                open.Remove(next);
                reported.Add((next.Item.Task, next.Item.Credit.Start));
                query.Report(next.Item, [], null, next.Children);
            }

            Assert.True(query.Result.IsCompleted);
            var result = query.Result.Result;
            Assert.Equal((QueryOutcome.Completed, all, 1), (result.Outcome, result.Answers.Count, ends));
            Assert.Equal(leaves.Average(), result.Accuracy, 1e-9);
            Assert.Equal(-1, result.Answers[0].Parent);
            Assert.All(result.Answers.Skip(1), a => Assert.Equal(a.Task - 1, result.Answers[a.Parent].Task));
            Assert.Equal(
                expected.GroupBy(e => e.Value).Select(g => g.Count()).Order(),
                result.Answers.Skip(1).GroupBy(a => a.Parent).Select(g => g.Count()).Order());
        }).Check(Properties.Cases(300));

    [Fact]
    public void Report_OneLeafMissing_NeverCompletes() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var query = Query(() => { });
            var nodes = Nodes(random, query);
            var leaves = nodes.Where(n => n.Children == 0).ToArray();
            var missing = leaves[random.Next(leaves.Length)];
            foreach (var node in nodes.Where(n => n != missing))
                query.Report(node.Item, [], null, node.Children);
            Assert.False(query.Result.IsCompleted);
            query.Fail(QueryOutcome.Expired, "late");
            query.Report(missing.Item, [], null, 0);
            Assert.Equal(QueryOutcome.Expired, query.Result.Result.Outcome);
        }).Check(Properties.Cases(300));

    private static PendingQuery Query(Action ended) =>
        new("q", JoinGraphs.Chain(4), new FakeInput(), new ServingClock(TimeProvider.System), new PipelineMetrics("p"), 1, _ => ended())
        {
            Pipeline = 0, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 0,
        };

    /// <summary>A tree of up to four levels, parents first; level = task.</summary>
    private static List<(StageItem Item, int Children)> Nodes(Random random, PendingQuery query)
    {
        var nodes = new List<(StageItem Item, int Children)>();
        List<StageItem> level = [new StageItem { Scope = query, Task = 0, Variant = 0, Accuracy = random.NextDouble() }];
        for (var depth = 0; level.Count > 0; depth++)
        {
            List<StageItem> below = [];
            foreach (var item in level)
            {
                var children = depth == 3 ? 0 : random.Next(5);
                nodes.Add((item, children));
                below.AddRange(Enumerable.Range(0, children).Select(i => new StageItem
                {
                    Scope = query, Task = depth + 1, Variant = 0, ParentTask = depth, ParentStart = item.Credit.Start, ParentRow = i,
                    Credit = item.Credit.Split(i, children), Accuracy = item.Accuracy * random.NextDouble(),
                }));
            }

            level = below;
        }

        return nodes;
    }
}
