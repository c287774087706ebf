namespace ServerlessLoki.Serving.Ports;

/// <summary>Takes a run and its input in one step, so that no crash can keep one without the other.</summary>
public interface IRunIntake
{
    /// <summary>Stores both; durable when the call returns. Nothing is stored if the id is taken.</summary>
    /// <param name="run">The run; its <see cref="RunRecord.Payload"/> is set by the store.</param>
    /// <param name="payload">Its input; read until the call returns.</param>
    /// <param name="cancellationToken">Gives up waiting; the run may be stored nevertheless.</param>
    /// <returns>The run as stored; null if the id is taken.</returns>
    ValueTask<RunRecord?> AcceptAsync(RunRecord run, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);
}
