using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>Planner among several: the one that holds the lease <see cref="Place"/> plans, another takes over when it is gone.</summary>
public sealed class LeadingPlanner : IAsyncDisposable
{
    /// <summary>Place by which one planner leads.</summary>
    public const string Place = "planner/leader";

    /// <summary>Time without a renewal after which another planner leads.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetireEvery = TimeSpan.FromMinutes(5);
    private readonly PlannerCycle _cycle;
    private readonly LivingFleet _fleet;
    private readonly IStateStore _state;
    private readonly IStageQueueKeeper? _queues;
    private readonly TimeSpan _period;
    private readonly string _owner;
    private readonly TimeProvider _time;
    private readonly ILogger<LeadingPlanner> _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;
    private long _leadsSince;
    private bool _leads;

    /// <summary>Makes the planner; it does nothing before <see cref="Start"/>.</summary>
    /// <param name="cycle">Step of planning, over <paramref name="fleet"/>.</param>
    /// <param name="fleet">Workers that are there.</param>
    /// <param name="state">Store of the lease.</param>
    /// <param name="queues">Retires queues that no plan needs; null = the transport has none to retire.</param>
    /// <param name="period">Time between plans; above 0.</param>
    /// <param name="owner">Name that is unique among all planners.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logs">Loggers.</param>
    public LeadingPlanner(
        PlannerCycle cycle, LivingFleet fleet, IStateStore state, IStageQueueKeeper? queues, TimeSpan period, string owner, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        (_cycle, _fleet, _state, _queues, _period, _owner, _time) = (cycle, fleet, state, queues, period, owner, time);
        _logger = logs.CreateLogger<LeadingPlanner>();
    }

    /// <summary>True while this planner holds the lease.</summary>
    public bool IsLeading => Volatile.Read(ref _leads) && _time.GetElapsedTime(Volatile.Read(ref _leadsSince)) < Lease;

    /// <summary>Plans until disposed, whenever it leads.</summary>
    public void Start() => _loops = Task.WhenAll(LeadAsync(_stop.Token), PlanAsync(_stop.Token));

    /// <summary>Stops, and leaves the lead to another.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await _loops;
        _stop.Dispose();
        try
        {
            await _state.ReleaseAsync(Place, _owner, CancellationToken.None);
        }
        catch (Exception)
        {
            // It lapses by itself.
        }
    }

    /// <summary>Claims and renews the lease, beside planning, which may take longer than the lease lasts.</summary>
    private async Task LeadAsync(CancellationToken stop)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // From before the call: the lease begins then.
                var now = _time.GetTimestamp();
                var leads = await _state.ClaimAsync(Place, _owner, _time.GetUtcNow(), Lease, stop);
                if (leads != Volatile.Read(ref _leads))
                    _logger.Leads(_owner, leads ? "leads" : "waits");
                Volatile.Write(ref _leadsSince, now);
                Volatile.Write(ref _leads, leads);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                _logger.LookFailed(exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Lease / 3, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PlanAsync(CancellationToken stop)
    {
        await Task.Yield();
        var retired = _time.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (IsLeading)
                {
                    await _fleet.LookAsync(stop);
                    await _cycle.StepAsync(stop);
                    if (_queues is not null && _time.GetElapsedTime(retired) > RetireEvery)
                    {
                        retired = _time.GetTimestamp();
                        await RetireAsync(_queues, stop);
                    }
                }
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                // A store that is away stops planning, not serving.
                _logger.LookFailed(exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(_period, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RetireAsync(IStageQueueKeeper queues, CancellationToken stop)
    {
        if (await _state.FindDocumentAsync(PlanDocument.Name, stop) is { } stored)
            await queues.RetireAsync(PlanDocument.Parse(stored).Queues(), stop);
    }
}
