using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Differential.Tests;

/// <summary>An engine itself on fake models, one thread doing the compute threads' part in virtual time: a batch ends when the scene says so.</summary>
/// <remarks>At one moment batches end first, in the order in which they began; then queries come; then free threads look.</remarks>
internal abstract class HostSide(Scene scene) : IAsyncDisposable
{
    private const long ExpiryUs = 10_000;
    private readonly Journal _journal = new(scene);
    private readonly List<(long EndUs, ComputeDevice Device, Worker Worker)> _running = [];
    private readonly List<Task<QueryResult>> _results = [];
    private readonly HashSet<ulong> _sent = [];
    private StageItem? _first;
    private long _nowUs;
    private long _wakeUs = long.MaxValue;
    private long _expiryUs = long.MaxValue;

    protected Scene Scene { get; } = scene;

    protected FakeTimeProvider Clock { get; } = new();

    /// <summary>In the order of the problem's.</summary>
    protected abstract IReadOnlyList<ComputeDevice> Devices { get; }

    protected abstract QueryInput NewInput();

    protected abstract ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken);

    protected abstract void ExpireDue();

    /// <summary>Waits for what other threads have to do at this moment.</summary>
    protected abstract void Settle();

    /// <summary>The <see cref="QueryRequest.Id"/> of the query that an item belongs to.</summary>
    protected abstract string QueryOf(StageItem item);

    public abstract ValueTask DisposeAsync();

    protected void NoteSent(StageItem item)
    {
        _first ??= item;
        _sent.Add(item.Key);
        Note(DecisionKind.Sent, item);
    }

    /// <summary>The scene's queries, and what becomes of them.</summary>
    protected async Task<Journal> PlayAsync(CancellationToken cancellationToken)
    {
        Run(cancellationToken);
        foreach (var (query, result) in _results.Index())
            _journal.End(query, How(Scene.Arrivals[query], await result));
        return _journal;
    }

    private void Run(CancellationToken cancellationToken)
    {
        var next = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var arrivalUs = next < Scene.Arrivals.Length ? Scene.Arrivals[next].AtUs : long.MaxValue;
            var atUs = Math.Min(Math.Min(arrivalUs, _wakeUs), _running.Select(r => r.EndUs).DefaultIfEmpty(long.MaxValue).Min());
            if (atUs == long.MaxValue && _results.TrueForAll(r => r.IsCompleted))
                break;
            // The engine's own timer.
            if (_expiryUs == long.MaxValue)
                _expiryUs = ((_nowUs / ExpiryUs) + 1) * ExpiryUs;
            atUs = Math.Min(atUs, _expiryUs);
            Clock.Advance(TimeSpan.FromMicroseconds(atUs - _nowUs));
            _nowUs = atUs;
            if (EndBatches())
                Look();
            if (atUs == _expiryUs)
            {
                ExpireDue();
                _expiryUs = long.MaxValue;
            }

            for (; next < Scene.Arrivals.Length && Scene.Arrivals[next].AtUs == atUs; next++)
            {
                Settle();
                Submit(Scene.Arrivals[next], cancellationToken);
                Look();
            }

            if (_wakeUs <= atUs)
                Look();
        }
    }

    private bool EndBatches()
    {
        var ending = _running.Where(r => r.EndUs == _nowUs).ToList();
        _running.RemoveAll(r => r.EndUs == _nowUs);
        foreach (var (_, device, worker) in ending)
            device.End(worker);
        return ending.Count > 0;
    }

    /// <summary>Free threads look until none of any device finds anything: what one sends on, another may run.</summary>
    private void Look()
    {
        for (var hasBegun = true; hasBegun;)
        {
            (_wakeUs, hasBegun) = (long.MaxValue, false);
            foreach (var device in Devices)
            {
                while (_running.Count(r => r.Device == device) < device.Parallelism)
                {
                    if (!device.TryTake(out var worker, out _, out var wakeUs))
                    {
                        _wakeUs = Math.Min(_wakeUs, wakeUs);
                        break;
                    }

                    Begin(device, worker!);
                    hasBegun = true;
                }
            }
        }
    }

    private void Begin(ComputeDevice device, Worker worker)
    {
        var taken = worker.Batch.ToList();
        _sent.Clear();
        device.Begin(worker);
        foreach (var item in taken.Except(worker.Batch).Where(i => !_sent.Contains(i.Key)))
            Note(DecisionKind.Dropped, item);
        foreach (var item in worker.Batch)
            Note(DecisionKind.Ran, item, worker.Batch.Count);
        if (worker.Batch.Count == 0)
            device.End(worker);
        else
            _running.Add((_nowUs + Math.Max(1, (long)Math.Round(Scene.TrueLatency(worker.Runs.Id).LatencyUs(worker.Batch.Count))), device, worker));
    }

    private void Submit(in Arrival arrival, CancellationToken cancellationToken)
    {
        var query = _results.Count;
        _first = null;
        var request = new QueryRequest
        {
            Pipeline = Scene.Problem.Pipelines[arrival.Pipeline].Pipeline.Name,
            Input = NewInput(),
            Id = $"{query}",
            Latency = arrival.LatencyUs is { } us ? TimeSpan.FromMicroseconds(us) : null,
            MinAccuracy = arrival.MinAccuracy > 0 ? arrival.MinAccuracy : null,
        };
        var result = SubmitAsync(request, cancellationToken).AsTask();
        _results.Add(result);
        var key = ItemKeys.Root(ItemKeys.Seed(Scenes.Seed), (ulong)query);
        _journal.Add(new SimulatedDecision(
            _nowUs, _first is null ? Refusal(result.Result.Error!) : DecisionKind.Admitted, query, arrival.Pipeline, 0, _first?.Variant ?? -1, key));
    }

    private static DecisionKind Refusal(string error) =>
        error.StartsWith("About", StringComparison.Ordinal) ? DecisionKind.RefusedAsLate
        : error.StartsWith("Several pipelines", StringComparison.Ordinal) ? DecisionKind.RefusedForOthers
        : DecisionKind.Refused;

    private void Note(DecisionKind kind, StageItem item, int rows = 0) => _journal.Add(new SimulatedDecision(
        _nowUs, kind, long.Parse(QueryOf(item), System.Globalization.CultureInfo.InvariantCulture), item.Scope.Pipeline, item.Task, item.Variant, item.Key, rows));

    private static string How(in Arrival arrival, QueryResult result) => result.Outcome switch
    {
        QueryOutcome.Completed => $"answered at {arrival.AtUs + (long)result.Latency.TotalMicroseconds:N0} µs with accuracy {result.Accuracy:0.000000}",
        QueryOutcome.Expired => "expired",
        QueryOutcome.Rejected or QueryOutcome.Unavailable => "refused",
        _ => $"{result.Outcome}: {result.Error}",
    };
}
