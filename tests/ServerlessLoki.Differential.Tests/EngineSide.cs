using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Embedded;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Differential.Tests;

/// <summary>The embedded engine itself on fake models, one thread doing the compute threads' part in virtual time: a batch ends when the
/// scene says so.</summary>
/// <remarks>At one moment batches end first, in the order in which they began; then queries come; then free threads look.</remarks>
internal sealed class EngineSide : IAsyncDisposable
{
    private const long ExpiryUs = 10_000;
    private readonly Scene _scene;
    private readonly Journal _journal;
    private readonly FakeTimeProvider _clock = new();
    private readonly ServingEngine _engine;
    private readonly List<(long EndUs, int Device, Worker Worker)> _running = [];
    private readonly List<Task<QueryResult>> _results = [];
    private readonly HashSet<ulong> _sent = [];
    private readonly long[] _wakeUs;
    private long _nowUs;
    private long _expiryUs = long.MaxValue;

    private EngineSide(Scene scene)
    {
        _scene = scene;
        _journal = new Journal(scene);
        var options = new EngineOptions { Parallelism = scene.Threads, Seed = Scene.Seed };
        _engine = new ServingEngine(
            options, [.. scene.Problem.Pipelines.Select(p => new PipelineSource(p.Pipeline, "."))], scene.Problem.Profile, new FixedFleet(scene.Problem.Devices),
            new Queues(this), new MemoryState(), TransformRegistry.Default, _clock, NullLoggerFactory.Instance, new FakeModels { Rows = scene.RowsOf }, hasThreads: false);
        _wakeUs = [.. _engine.Devices.Select(_ => long.MaxValue)];
    }

    public static async Task<Journal> RunAsync(Scene scene, CancellationToken cancellationToken)
    {
        await using var side = new EngineSide(scene);
        await side._engine.Slots.ApplyAsync(scene.Plan, scene.Problem, scalesAccuracy: true, cancellationToken);
        side.Run(cancellationToken);
        foreach (var (query, result) in side._results.Index())
            side._journal.End(query, How(scene.Arrivals[query], await result));
        return side._journal;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private void Run(CancellationToken cancellationToken)
    {
        var next = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var arrivalUs = next < _scene.Arrivals.Length ? _scene.Arrivals[next].AtUs : long.MaxValue;
            var atUs = Math.Min(Math.Min(arrivalUs, _wakeUs.Min()), _running.Select(r => r.EndUs).DefaultIfEmpty(long.MaxValue).Min());
            if (atUs == long.MaxValue && _results.TrueForAll(r => r.IsCompleted))
                break;
            // The engine's own timer.
            if (_expiryUs == long.MaxValue)
                _expiryUs = ((_nowUs / ExpiryUs) + 1) * ExpiryUs;
            atUs = Math.Min(atUs, _expiryUs);
            _clock.Advance(TimeSpan.FromMicroseconds(atUs - _nowUs));
            _nowUs = atUs;
            if (EndBatches())
                Look();
            if (atUs == _expiryUs)
            {
                _engine.ExpireDue();
                _expiryUs = long.MaxValue;
            }

            for (; next < _scene.Arrivals.Length && _scene.Arrivals[next].AtUs == atUs; next++)
            {
                Submit(_scene.Arrivals[next]);
                Look();
            }

            if (_wakeUs.Min() <= atUs)
                Look();
        }
    }

    private bool EndBatches()
    {
        var ending = _running.Where(r => r.EndUs == _nowUs).ToList();
        _running.RemoveAll(r => r.EndUs == _nowUs);
        foreach (var (_, device, worker) in ending)
            _engine.Devices[device].End(worker);
        return ending.Count > 0;
    }

    private void Look()
    {
        for (var d = 0; d < _wakeUs.Length; d++)
        {
            _wakeUs[d] = long.MaxValue;
            while (_running.Count(r => r.Device == d) < _engine.Devices[d].Parallelism)
            {
                if (!_engine.Devices[d].TryTake(out var worker, out _, out var wakeUs))
                {
                    _wakeUs[d] = wakeUs;
                    break;
                }

                Begin(d, worker!);
            }
        }
    }

    private void Begin(int device, Worker worker)
    {
        var taken = worker.Batch.ToList();
        _sent.Clear();
        _engine.Devices[device].Begin(worker);
        foreach (var item in taken.Except(worker.Batch).Where(i => !_sent.Contains(i.Key)))
            Note(DecisionKind.Dropped, item);
        foreach (var item in worker.Batch)
            Note(DecisionKind.Ran, item, worker.Batch.Count);
        if (worker.Batch.Count == 0)
            _engine.Devices[device].End(worker);
        else
            _running.Add((_nowUs + Math.Max(1, (long)Math.Round(_scene.TrueLatency(worker.Pool.Id).LatencyUs(worker.Batch.Count))), device, worker));
    }

    private void Submit(in Arrival arrival)
    {
        var query = _results.Count;
        _first = null;
        var result = _engine.SubmitAsync(
            new QueryRequest
            {
                Pipeline = _scene.Problem.Pipelines[arrival.Pipeline].Pipeline.Name,
                Input = new FakeInput(),
                Id = $"{query}",
                Latency = arrival.LatencyUs is { } us ? TimeSpan.FromMicroseconds(us) : null,
                MinAccuracy = arrival.MinAccuracy > 0 ? arrival.MinAccuracy : null,
            },
            CancellationToken.None).AsTask();
        _results.Add(result);
        var key = ItemKeys.Root(ItemKeys.Seed(Scene.Seed), (ulong)query);
        _journal.Add(new SimulatedDecision(
            _nowUs, _first is null ? Refusal(result.Result.Error!) : DecisionKind.Admitted, query, arrival.Pipeline, 0, _first?.Variant ?? -1, key));
    }

    private StageItem? _first;

    private static DecisionKind Refusal(string error) =>
        error.StartsWith("About", StringComparison.Ordinal) ? DecisionKind.RefusedAsLate
        : error.StartsWith("Several pipelines", StringComparison.Ordinal) ? DecisionKind.RefusedForOthers
        : DecisionKind.Refused;

    private void Note(DecisionKind kind, StageItem item, int rows = 0) => _journal.Add(new SimulatedDecision(
        _nowUs, kind, long.Parse(((PendingQuery)item.Scope).Id, System.Globalization.CultureInfo.InvariantCulture), item.Scope.Pipeline, item.Task, item.Variant, item.Key, rows));

    private static string How(in Arrival arrival, QueryResult result) => result.Outcome switch
    {
        QueryOutcome.Completed => $"answered at {arrival.AtUs + (long)result.Latency.TotalMicroseconds:N0} µs with accuracy {result.Accuracy:0.000000}",
        QueryOutcome.Expired => "expired",
        QueryOutcome.Rejected or QueryOutcome.Unavailable => "refused",
        _ => $"{result.Outcome}: {result.Error}",
    };

    /// <summary>The embedded host's queues; whatever is sent is noted.</summary>
    private sealed class Queues(EngineSide side) : IStageQueues
    {
        private readonly InProcessStageQueues _queues = new();

        public ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
        {
            side._first ??= item;
            side._sent.Add(item.Key);
            side.Note(DecisionKind.Sent, item);
            return _queues.SendAsync(key, item, cancellationToken);
        }

        public IStageReceiver OpenReceiver(StageKey key, Action arrived) => _queues.OpenReceiver(key, arrived);
    }
}
