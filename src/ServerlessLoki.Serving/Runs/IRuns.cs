using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Durable runs, as <c>/runs</c> needs them.</summary>
public interface IRuns
{
    /// <summary>Runs accepted and not ended, as far as this process knows.</summary>
    int Backlog { get; }

    /// <summary>Why the store takes no runs at present; null while it does, or where that shows call by call only.</summary>
    string? StoreFault => null;

    /// <summary>Accepts a run of a pipeline.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="headers">What the headers say about the body.</param>
    /// <param name="body">Owned by this call.</param>
    /// <param name="cancellationToken">The caller went away: the run may be stored nevertheless.</param>
    /// <exception cref="ApiFaultException">The body is unusable, or too many runs wait (503).</exception>
    ValueTask<RunRecord> AcceptAsync(Pipeline pipeline, InferHeaders headers, PooledBytes body, CancellationToken cancellationToken);

    /// <summary>A run; null if there is none.</summary>
    ValueTask<RunRecord?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Runs, newest first; see <see cref="IStateStore.ListRunsAsync"/>.</summary>
    ValueTask<RunPage> ListAsync(int size, string? after, RunState? state, CancellationToken cancellationToken);

    /// <summary>Ends a run as cancelled. False if it had ended, or there is none.</summary>
    ValueTask<bool> CancelAsync(string id, CancellationToken cancellationToken);

    /// <summary>Removes an ended run. False if there is none or it has not ended.</summary>
    ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken);
}
