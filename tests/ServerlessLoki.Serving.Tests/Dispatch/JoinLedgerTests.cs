using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>Joins over random graphs, with random children, answers in any order.</summary>
public sealed class JoinLedgerTests
{
    /// <summary>Credit is conserved: each query ends with the last answer and not before. Each join runs once for each item that
    /// something arrived from, after all that came of it, with everything that arrived.</summary>
    [Fact]
    public void Book_AnyGraphInAnyOrder_JoinsOncePerItemAndEndsWithTheLast() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => new Course(new Random(seed)).Run()).Check(Properties.Cases(500));

    private sealed class Course
    {
        private readonly Random _random;
        private readonly Pipeline _graph;
        private readonly PendingQuery _query;
        private readonly List<StageItem> _open = [];
        private readonly Dictionary<(int Join, UInt128 Start), int> _arrived = [];
        private readonly HashSet<(int Join, UInt128 Start)> _ran = [];
        private int _ends;

        public Course(Random random)
        {
            _random = random;
            _graph = JoinGraphs.Random(random);
            _query = new PendingQuery("q", _graph, new FakeInput(), new ServingClock(TimeProvider.System), new PipelineMetrics("g"), 1, _ => _ends++)
            {
                Pipeline = 0, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 0,
            };
            _open.Add(new StageItem { Scope = _query, Task = 0, Variant = 0 });
        }

        public void Run()
        {
            while (_open.Count > 0)
            {
                Assert.False(_query.Result.IsCompleted);
                var item = _open[_random.Next(_open.Count)];
                _open.Remove(item);
                Serve(item);
            }

            Assert.True(_query.Result.IsCompleted);
            Assert.Equal((QueryOutcome.Completed, 1), (_query.Result.Result.Outcome, _ends));
            Assert.Equal(_arrived.Keys.ToHashSet(), _ran);
        }

        private void Serve(StageItem item)
        {
            var children = _graph.Tasks[item.Task].Outgoing.SelectMany(e => Enumerable.Repeat(e, _random.Next(3))).ToList();
            var opened = _graph.Joins[item.Task].Where(j => children.Exists(c => c.To == j || _graph.Reaches(c.To, j))).ToArray();
            var inner = opened.Length > 0 ? new Fork(item.Task, item.Credit, item.Fork) : item.Fork;
            var (parts, passages) = (children.Count + opened.Length, new List<Passage>());
            foreach (var edge in children)
            {
                var credit = item.Credit.Split(passages.Count, parts);
                if (_graph.Tasks[edge.To].JoinsPer is { } per)
                {
                    var fork = inner;
                    while (fork!.Task != per)
                        fork = fork.Outer;
                    _arrived[(edge.To, fork.Credit.Start)] = _arrived.GetValueOrDefault((edge.To, fork.Credit.Start)) + 1;
                    passages.Add(new Passage(PassageKind.Arrival, edge.To, credit, new JoinInput(edge.Index, default, null)));
                    continue;
                }

                passages.Add(new Passage(PassageKind.Child, edge.To, credit));
                _open.Add(new StageItem { Scope = _query, Task = edge.To, Variant = 0, Edge = edge.Index, ParentTask = item.Task, ParentStart = item.Credit.Start, Credit = credit, Fork = inner });
            }

            foreach (var join in opened)
                passages.Add(new Passage(PassageKind.Kept, join, item.Credit.Split(passages.Count, parts)));
            _query.Report(item, [], null, parts);
            foreach (var join in _query.Book(item, inner, passages))
                Begin(join);
        }

        private void Begin(ReadyJoin join)
        {
            var key = (join.Task, join.Fork.Credit.Start);
            Assert.True(_ran.Add(key), "a join ran twice");
            Assert.Equal(_arrived[key], join.Arrivals.Count);
            // Nothing that is still on its way comes of the item and can lead here.
            Assert.DoesNotContain(_open, o => _graph.Reaches(o.Task, join.Task) && Within(o, join.Fork));
            _open.Add(new StageItem
            {
                Scope = _query, Task = join.Task, Variant = 0, ParentTask = join.Fork.Task, ParentStart = join.Fork.Credit.Start, Credit = join.Credit, Fork = join.Fork,
            });
        }

        private static bool Within(StageItem item, Fork fork)
        {
            for (var f = item.Fork; f is not null; f = f.Outer)
            {
                if (f == fork)
                    return true;
            }

            return false;
        }
    }
}
