using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>Planners that have read the plan in force wait here for one another before any of them publishes.</summary>
internal sealed class Meeting(int planners) : IStageQueueKeeper
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _here;

    public Task EnsureAsync(IEnumerable<StageKey> stages, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _here) == planners)
            _all.SetResult();
        return _all.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }

    public Task<IReadOnlyList<string>> RetireAsync(IEnumerable<StageKey> wanted, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);
}
