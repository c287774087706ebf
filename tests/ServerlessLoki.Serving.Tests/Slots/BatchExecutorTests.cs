using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Slots;

public class BatchExecutorTests
{
    private readonly Forwarder _forwarder = new();
    private readonly List<QueryScope> _completed = [];
    private readonly List<QueryScope> _abandoned = [];
    private readonly VariantMetrics _metrics = new("p", "t", "v");
    private int _unfit;

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

    [Fact]
    public void Execute_OneRowMakesItsBatchThrow_OnlyThatOneIsRefused()
    {
        var queries = Queries(5);
        var models = Poisoned(queries[1], queries[3]);
        Assert.True(Execute(queries, models));
        var refused = "Variant v cannot compute its input: index 99 is out of bounds.";
        Assert.Equal([null, refused, null, refused, null], queries.Select(q => q.Error));
        Assert.Equal([QueryOutcome.Invalid, QueryOutcome.Invalid], queries.Where(q => q.Error is not null).Select(q => q.Outcome));
        Assert.Equal([queries[0], queries[2], queries[4]], _forwarder.Forwarded);
        Assert.Equal(5, _completed.Count);
        Assert.Empty(_abandoned);
        Assert.All(queries, q => Assert.Equal(1, q.Freed));
        Assert.Equal((3, 2, 0, 1), (_metrics.Rows, _metrics.RefusedRows, _metrics.FailedRows, _metrics.Failures));
        Assert.Equal((5, 3), (_metrics.QueueUs.Count, _metrics.ComputeUs.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Execute_EveryRowThrows_TheWorkerStaysIfItStillComputesZeros(int rows)
    {
        var queries = Queries(rows);
        Assert.True(Execute(queries, Poisoned(queries)));
        Assert.All(queries, q => Assert.Equal(QueryOutcome.Invalid, q.Outcome));
        Assert.Equal((0, rows), (_metrics.Rows, _metrics.RefusedRows));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Execute_EveryRowThrowsAndSoDoZeros_TheWorkerIsLostAndRowsGoElsewhere(int rows)
    {
        var queries = Queries(rows);
        var models = Poisoned(queries);
        models.OnWarm = _ => throw new ModelException("the weights are gone");
        Assert.False(Execute(queries, models));
        Assert.All(queries, q => Assert.Null(q.Error));
        Assert.Equal(queries, _abandoned);
        Assert.Equal((0, 0), (_metrics.RefusedRows, _metrics.FailedRows));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Execute_TheMachineFails_TheWorkerIsLostAndNoRowIsRefused(bool isOfTheModel)
    {
        var queries = Queries(3);
        var runs = 0;
        var models = new FakeModels
        {
            OnRun = (_, _) => throw (runs++ == 0 && isOfTheModel
                ? new ModelException("out of memory") { IsOfTheMachine = true }
                : new InvalidOperationException("slot lost")),
        };
        Assert.False(Execute(queries, models));
        Assert.Equal(1, runs);
        Assert.Equal(queries, _abandoned);
    }

    [Fact]
    public void Execute_TheMachineFailsWhileRowsRunAlone_WhatWasAnsweredStaysAnswered()
    {
        var queries = Queries(4);
        var poisoned = Poisoned(queries[0]);
        var throws = poisoned.OnRows;
        var runs = 0;
        poisoned.OnRows = (id, items) =>
        {
            if (++runs == 4)
                throw new InvalidOperationException("slot lost");
            throws(id, items);
        };
        Assert.False(Execute(queries, poisoned));
        Assert.Equal([queries[1]], _forwarder.Forwarded);
        Assert.Equal([queries[1]], _completed);
        Assert.Equal([queries[0], queries[2], queries[3]], _abandoned);
    }

    [Fact]
    public void Execute_DeadlinePassesWhileRowsRunAlone_TheLateRowIsDropped()
    {
        var queries = Queries(3);
        var models = Poisoned(queries[0]);
        var throws = models.OnRows;
        var clock = new FakeTimeProvider();
        queries[2] = new Query { Pipeline = 0, ArrivalUs = 0, DeadlineUs = 50_000, OrderUs = 1 };
        models.OnRows = (id, items) =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(30));
            throws(id, items);
        };
        Assert.True(Execute(queries, models, clock));
        Assert.Equal([queries[1]], _forwarder.Forwarded);
        Assert.Equal((QueryOutcome.Invalid, QueryOutcome.Expired), (queries[0].Outcome, queries[2].Outcome));
        Assert.Equal(1, _metrics.Drops);
    }

    [Fact]
    public void Execute_AnAnswerThatIsNoNumber_FailsAndIsCounted()
    {
        var queries = Queries(2);
        var models = new FakeModels { Rows = (_, item) => [new OutputRow(0, item.Scope == queries[0] ? float.NaN : 1, 0, 0, 1, 1)] };
        Assert.True(Execute(queries, models));
        Assert.Equal((QueryOutcome.Failed, "Variant v answered with values that are not numbers (NaN or infinite)."), (queries[0].Outcome, queries[0].Error));
        Assert.Equal([queries[1]], _forwarder.Forwarded);
        Assert.Equal((1, 1), (_metrics.Rows, _metrics.NonFiniteRows));
    }

    // What cannot be read is no "not a number": it is not counted against the variant, and the rows beside it are served.
    [Fact]
    public void Execute_AnAnswerThatCannotBeRead_FailsAloneAndTheVariantStays()
    {
        var queries = Queries(17);
        var models = new FakeModels { Rows = (_, item) => item.Scope == queries[16] ? [] : throw new ModelException("5 values are no steps of 4 classes.") };
        Assert.True(Execute(queries, models));
        Assert.All(queries[..16], q => Assert.Equal((QueryOutcome.Failed, "The answer of variant v cannot be read: 5 values are no steps of 4 classes."), (q.Outcome, q.Error)));
        Assert.Equal([queries[16]], _forwarder.Forwarded);
        Assert.Equal((0, 16, 0), (_unfit, _metrics.FailedRows, _metrics.NonFiniteRows));
    }

    private static Query[] Queries(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new Query { Pipeline = 0, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 1 })];

    /// <summary>Models that throw on every batch with one of these queries in it.</summary>
    private static FakeModels Poisoned(params Query[] bad) => new()
    {
        OnRows = (_, items) =>
        {
            if (items.Any(i => bad.Contains(i.Scope)))
                throw new ModelException($"Model 'v' failed on a batch of {items.Count}") { Cause = "index 99 is out of bounds" };
        },
    };

    private bool Execute(Query[] queries, FakeModels? models = null, TimeProvider? time = null)
    {
        var clock = new ServingClock(time ?? TimeProvider.System);
        while (time is null && clock.NowUs < 2)
            Thread.SpinWait(1);
        var executor = new BatchExecutor(clock, _forwarder, new SlowdownMonitor(), NullLogger<BatchExecutor>.Instance);
        executor.VariantUnfit += _ => _unfit++;
        var pool = new VariantPool(default, new StageKey("p", "t", "v"), _metrics)
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

        return executor.Begin(worker) && executor.End(worker);
    }

    private sealed class Query : QueryScope
    {
        public string? Error { get; private set; }

        public QueryOutcome Outcome { get; private set; }

        public int Freed { get; private set; }

        public override QueryInput? Input => null;

        public override bool HasEnded => false;

        public override void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children)
        {
        }

        public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null)
        {
            if (Error is null)
                (Outcome, Error) = (outcome, error);
        }

        protected override void FreeInput() => Freed++;
    }

    private sealed class Forwarder : IForwarder
    {
        public Func<StageItem, bool> OnReroute { get; set; } = _ => false;

        public List<QueryScope> Forwarded { get; } = [];

        public bool TryReroute(StageItem item) => OnReroute(item);

        public bool TryRerouteToFastest(StageItem item) => false;

        public void Forward(StageItem item, OutputRow[] rows, RowTensor? tensor) => Forwarded.Add(item.Scope);
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
