using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Durable runs, as the <c>/runs</c> API uses them.</summary>
public interface IRuns
{
    /// <summary>Number of runs accepted and not ended, as far as this process knows.</summary>
    int Backlog { get; }

    /// <summary>Reason why the store accepts no runs at present; null while it does, or where only calls can tell.</summary>
    string? StoreFault => null;

    /// <summary>Accepts a run of a pipeline.</summary>
    /// <param name="pipeline">Pipeline of the run.</param>
    /// <param name="headers">Headers of the request.</param>
    /// <param name="body">Body; owned by this call.</param>
    /// <param name="cancellationToken">Cancelled when the caller went away: the run may still be stored.</param>
    /// <exception cref="ApiFaultException">The body is unusable, or too many runs wait (503).</exception>
    ValueTask<RunRecord> AcceptAsync(Pipeline pipeline, InferHeaders headers, PooledBytes body, CancellationToken cancellationToken);

    /// <summary>Finds a run; null if there is none.</summary>
    ValueTask<RunRecord?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Lists runs, newest first; see <see cref="IStateStore.ListRunsAsync"/>.</summary>
    ValueTask<RunPage> ListAsync(int size, string? after, RunState? state, CancellationToken cancellationToken);

    /// <summary>Ends a run as cancelled. False if it had ended, or there is none.</summary>
    ValueTask<bool> CancelAsync(string id, CancellationToken cancellationToken);

    /// <summary>Removes an ended run. False if there is none or it has not ended.</summary>
    ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken);
}
