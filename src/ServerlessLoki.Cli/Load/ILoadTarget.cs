namespace ServerlessLoki.Cli.Load;

/// <summary>Where queries go.</summary>
internal interface ILoadTarget
{
    /// <summary>Bodies in the pool; queries name one by index.</summary>
    int Bodies { get; }

    /// <summary>Sends one query and waits for its answer; never throws for what the other side does.</summary>
    Task<LoadReply> SendAsync(int body, CancellationToken cancellationToken);
}
