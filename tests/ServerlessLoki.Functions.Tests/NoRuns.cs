using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Runs of which there are none, checked as runs are.</summary>
internal sealed class NoRuns : IRuns
{
    public int Backlog => 0;

    public ValueTask<RunRecord> AcceptAsync(Pipeline pipeline, InferHeaders headers, PooledBytes body, CancellationToken cancellationToken)
    {
        using (body)
            return ValueTask.FromResult(RunDraft.Of(pipeline, headers, body, new InferLimits(), DateTimeOffset.UnixEpoch));
    }

    public ValueTask<RunRecord?> FindAsync(string id, CancellationToken cancellationToken) => ValueTask.FromResult<RunRecord?>(null);

    public ValueTask<RunPage> ListAsync(int size, string? after, RunState? state, CancellationToken cancellationToken) => ValueTask.FromResult(new RunPage([], null));

    public ValueTask<bool> CancelAsync(string id, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}
