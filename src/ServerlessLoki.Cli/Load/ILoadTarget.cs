namespace ServerlessLoki.Cli.Load;

/// <summary>Target of a load run.</summary>
internal interface ILoadTarget
{
    /// <summary>Number of bodies in the pool; queries name one by index.</summary>
    int Bodies { get; }

    /// <summary>Sends one query and waits for its answer; faults of the server do not throw.</summary>
    Task<LoadReply> SendAsync(int body, CancellationToken cancellationToken);
}
