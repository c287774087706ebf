using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Dispatch;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Serving.Distributed.Tests.Ingress;

/// <summary>Branches that meet, served elsewhere: replies in any order, repeated, and of answers that were given twice and differ.</summary>
public sealed class IngressJoinTests
{
    [Fact]
    public void Take_AnyGraphInAnyOrder_SendsEachJoinOnceWithWhatArrivedInOneProcess()
    {
        var joins = 0;
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var workers = new RandomWorkers(new Random(seed));
            var result = workers.Run();
            Assert.Equal(QueryOutcome.Completed, result.Outcome);
            Assert.Distinct(workers.Sent.Select(s => (s.Task, s.Credit.Start)));
            joins += workers.Sent.Count;

            // The answers that counted, given in one process.
            var (expected, ready) = workers.Again();
            Assert.Equal(expected.Answers.Select(a => (a.Task, a.Parent, a.ParentRow)), result.Answers.Select(a => (a.Task, a.Parent, a.ParentRow)));
            Assert.Equal(expected.Accuracy, result.Accuracy, 1e-9);
            Assert.Equal(Text(ready), Text(workers.Sent));
        }).Check(Properties.Cases(500));
        Assert.True(joins > 100, $"{joins} joins");
    }

    [Fact]
    public void Arrivals_PackedAndRead_AreTheSame()
    {
        JoinInput[] inputs = [new(3, new OutputRow(1, 0.5f, 0, 0.1f, 1, 0.9f), null), new(0, default, RowTensor.Of(1.5f, -2)), new(1, default, RowTensor.Of())];
        var read = PackedArrivals.Read(PackedArrivals.Of(inputs).Bytes);
        Assert.Equal(inputs.Select(i => (i.Edge, i.Row)), read.Select(i => (i.Edge, i.Row)));
        Assert.Equal(inputs.Select(i => i.Tensor?.Values.ToArray()), read.Select(i => i.Tensor?.Values.ToArray()));
        Assert.Throws<FormatException>(() => PackedArrivals.Read(new byte[] { 1, 2 }));
    }

    private static IEnumerable<string> Text(IEnumerable<ReadyJoin> joins) => joins.OrderBy(j => (j.Task, j.Credit.Start))
        .Select(j => $"{j.Task} {j.Credit} of {j.Fork.Task} {j.Fork.Credit}: {string.Join(' ', j.Arrivals.Select(a => $"{a.Credit.Start}/{a.Input.Edge}/{a.Input.Row.Score:R}"))}");

    /// <summary>Workers that answer at random, some twice and not the same; an output row's label is the edge that its child takes.</summary>
    private sealed class RandomWorkers
    {
        private readonly Random _random;
        private readonly Pipeline _graph;
        private readonly PendingQuery _query;
        private readonly IngressQuery _remote;
        private readonly List<StageReply> _flying = [];
        private readonly Dictionary<(int Task, UInt128 Start), List<OutputRow[]>> _given = [];

        public RandomWorkers(Random random)
        {
            _random = random;
            _graph = JoinGraphs.Random(random);
            _query = Query();
            _remote = new IngressQuery(_query, _graph, (task, _, rows) => Children(task, rows), Join);
        }

        public List<ReadyJoin> Sent { get; } = [];

        public QueryResult Run()
        {
            Serve(new StageReply { QueryId = "q", Pipeline = "g", Task = "t0", Variant = "v0", Worker = "w" });
            while (_flying.Count > 0)
            {
                var reply = _flying[_random.Next(_flying.Count)];
                _flying.Remove(reply);
                _remote.Take(reply);
            }

            Assert.True(_query.Result.IsCompleted);
            return _query.Result.Result;
        }

        public (QueryResult Result, List<ReadyJoin> Joins) Again()
        {
            var (query, joins) = (Query(), new List<ReadyJoin>());
            var open = new Queue<StageItem>([new StageItem { Scope = query, Task = 0, Variant = 0 }]);
            while (open.TryDequeue(out var item))
            {
                // Of rivals the one whose stamp counted.
                var rows = _given[(item.Task, item.Credit.Start)].First(r => AnswerStamp.Of($"v{item.Task}", r, []) == _remote.StampOf(item.Task, item.Credit.Start));
                var children = Children(item.Task, rows);
                var (inner, parts) = Passages.Of(_graph, item.Task, item.Credit, item.Fork, rows, null, children);
                query.Report(item, rows, null, parts.Count);
                foreach (var (child, part) in children.Zip(parts).Where(c => c.Second.Kind == PassageKind.Child))
                {
                    open.Enqueue(new StageItem
                    {
                        Scope = query, Task = part.Task, Variant = 0, ParentTask = item.Task, ParentStart = item.Credit.Start, ParentRow = child.Row, Credit = part.Credit, Fork = inner,
                    });
                }

                foreach (var join in query.Book(item, inner, parts))
                {
                    joins.Add(join);
                    open.Enqueue(new StageItem { Scope = query, Task = join.Task, Variant = 0, ParentTask = join.Fork.Task, ParentStart = join.Fork.Credit.Start, Credit = join.Credit, Fork = join.Fork });
                }
            }

            Assert.True(query.Result.IsCompleted);
            return (query.Result.Result, joins);
        }

        private void Join(ReadyJoin join)
        {
            Sent.Add(join);
            Serve(new StageReply
            {
                QueryId = "q", Pipeline = "g", Task = $"t{join.Task}", Variant = $"v{join.Task}", ParentTask = $"t{join.Fork.Task}", ParentStart = join.Fork.Credit.Start,
                ParentStamp = _remote.StampOf(join.Fork.Task, join.Fork.Credit.Start), Credit = join.Credit, Worker = "w",
            });
        }

        private void Serve(StageReply about)
        {
            for (var times = _random.Next(4) == 0 ? 2 : 1; times > 0; times--)
            {
                var task = _graph.FindTask(about.Task)!;
                OutputRow[] rows = [.. task.Outgoing.SelectMany(e => Enumerable.Range(0, Many()).Select(_ => new OutputRow(e.Index, _random.NextSingle(), 0, 0, 0, 0)))];
                if (!_given.TryGetValue((task.Index, about.Credit.Start), out var given))
                    _given[(task.Index, about.Credit.Start)] = given = [];
                given.Add(rows);
                var children = Children(task.Index, rows);
                var (_, parts) = Passages.Of(_graph, task.Index, about.Credit, null, rows, null, children);
                var reply = about with { Rows = [.. rows], Children = parts.Count };
                _flying.AddRange(Enumerable.Repeat(reply, _random.Next(1, 4)));
                foreach (var (child, part) in children.Zip(parts).Where(c => c.Second.Kind == PassageKind.Child))
                {
                    Serve(new StageReply
                    {
                        QueryId = "q", Pipeline = "g", Task = $"t{part.Task}", Variant = $"v{part.Task}", ParentTask = about.Task, ParentStart = about.Credit.Start,
                        ParentStamp = AnswerStamp.Of(about.Variant, rows, []), ParentRow = child.Row, Credit = part.Credit, Worker = "w",
                    });
                }
            }
        }

        private int Many() => _random.Next(10) switch { < 6 => 1, < 8 => 0, _ => 2 };

        private List<(int Edge, int Row)> Children(int task, OutputRow[] rows) =>
            [.. _graph.Tasks[task].Outgoing.SelectMany(e => rows.Index().Where(r => r.Item.Label == e.Index).Select(r => (e.Index, r.Index)))];

        private PendingQuery Query() => new("q", _graph, new FakeInput(), new ServingClock(TimeProvider.System), new PipelineMetrics("p"), 1, _ => { })
        {
            Pipeline = 0, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 0,
        };
    }
}
