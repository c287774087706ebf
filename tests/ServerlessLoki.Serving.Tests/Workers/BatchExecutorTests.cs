using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Metrics;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Workers;

namespace ServerlessLoki.Serving.Tests.Workers;

public class BatchExecutorTests
{
    private readonly Forwarder _forwarder = new();
    private readonly List<QueryScope> _completed = [];
    private readonly List<QueryScope> _abandoned = [];

    [Fact]
    public void Execute_ReroutingThrows_TouchesNoRowTwice()
    {
        var late = Enumerable.Range(0, 3).Select(_ => new Query { Pipeline = 0, ArrivalUs = 0, DeadlineUs = 1, OrderUs = 1 }).ToArray();
        _forwarder.OnReroute = item => item.Scope != late[1] ? true : throw new InvalidOperationException("no route");
        Assert.True(Execute(late));
        Assert.Equal([null, "no route", null], late.Select(q => q.Error));
        Assert.Equal(late.Select(q => (QueryScope)q), _completed);
        Assert.Empty(_abandoned);
        Assert.All(late, q => Assert.Equal(1, q.Freed));
    }

    [Fact]
    public void Execute_OneRowDoesNotFit_RunsTheOthers()
    {
        var queries = Enumerable.Range(0, 3).Select(_ => new Query { Pipeline = 0, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 1 }).ToArray();
        var models = new FakeModels { OnFill = item => _ = item.Scope == queries[0] ? throw new InvalidDataException("too small") : 0 };
        Assert.True(Execute(queries, models));
        Assert.Equal(["too small", null, null], queries.Select(q => q.Error));
        Assert.Equal([queries[1], queries[2]], _forwarder.Forwarded);
    }

    [Fact]
    public void Execute_CorruptPicture_IsTheCallersFault()
    {
        var queries = Enumerable.Range(0, 2).Select(_ => new Query { Pipeline = 0, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 1 }).ToArray();
        var models = new FakeModels { OnFill = item => _ = item.Scope == queries[0] ? throw new ImageFormatException("PNG: corrupt") : 0 };
        Assert.True(Execute(queries, models));
        Assert.Equal((QueryOutcome.Malformed, "PNG: corrupt"), (queries[0].Outcome, queries[0].Error));
        Assert.Equal((400, "bad_request"), (QueryOutcomes.HttpStatus(QueryOutcome.Malformed), QueryOutcomes.Code(QueryOutcome.Malformed)));
        Assert.Equal([queries[1]], _forwarder.Forwarded);
    }

    private bool Execute(Query[] queries, FakeModels? models = null)
    {
        var clock = new ServingClock(TimeProvider.System);
        while (clock.NowUs < 2)
            Thread.SpinWait(1);
        var executor = new BatchExecutor(clock, _forwarder, new SlowdownMonitor(), NullLogger<BatchExecutor>.Instance);
        var pool = new VariantPool(default, default, new VariantMetrics("p", "t", "v"))
        {
            Latency = new BatchLatency([1], [10_000]), ProfiledLatency = new BatchLatency([1], [10_000]), Receiver = new Receiver(_completed, _abandoned),
        };
        var model = (models ?? new FakeModels()).Load(default);
        using var worker = new Worker("cpu/0", pool, new ModelLease(model, model.Dispose), model.CreateRunner());
        foreach (var query in queries)
        {
            worker.Batch.Add(new StageItem { Scope = query, Task = 0, Variant = 0 });
            query.AddReference();
            query.Release();
        }

        return executor.Execute(worker);
    }

    private sealed class Query : QueryScope
    {
        public string? Error { get; private set; }

        public QueryOutcome Outcome { get; private set; }

        public int Freed { get; private set; }

        public override QueryInput? Input => null;

        public override bool HasEnded => false;

        public override void Report(StageItem item, OutputRow[] rows, float[]? tensor, int children)
        {
        }

        public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null) => (Outcome, Error) = Error is null ? (outcome, error) : (Outcome, Error);

        protected override void FreeInput() => Freed++;
    }

    private sealed class Forwarder : IForwarder
    {
        public Func<StageItem, bool> OnReroute { get; set; } = _ => false;

        public List<QueryScope> Forwarded { get; } = [];

        public bool TryReroute(StageItem item) => OnReroute(item);

        public bool TryRerouteToFastest(StageItem item) => false;

        public void Forward(StageItem item, OutputRow[] rows, float[]? tensor) => Forwarded.Add(item.Scope);
    }

    private sealed class Receiver(List<QueryScope> completed, List<QueryScope> abandoned) : IStageReceiver
    {
        public int Count => 0;

        public long HeadOrderUs => long.MaxValue;

        public void Take(int max, ICollection<StageItem> into) => throw new NotSupportedException();

        public ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken)
        {
            completed.Add(item.Scope);
            return ValueTask.CompletedTask;
        }

        public ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken)
        {
            abandoned.Add(item.Scope);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
