namespace ServerlessLoki.Serving.Ports;

/// <summary>Atomic intake of a run and its input, so that a crash cannot keep one without the other.</summary>
public interface IRunIntake
{
    /// <summary>Stores run and input; durable when the call returns. Nothing is stored if the id is taken.</summary>
    /// <param name="run">Run to store; the store sets its <see cref="RunRecord.Payload"/>.</param>
    /// <param name="payload">Input of the run; read until the call returns.</param>
    /// <param name="cancellationToken">Ends the wait; the run may still be stored.</param>
    /// <returns>The run as stored; null if the id is taken.</returns>
    ValueTask<RunRecord?> AcceptAsync(RunRecord run, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);
}
