using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Settings of durable runs.</summary>
public sealed record RunOptions
{
    /// <summary>Runs given to the engine at the same time. Default 16; 1 to 4,096.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Times a run may fail in a model before it ends as failed. Default 5; at least 1. Being refused for load does not count.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Wait before the second attempt; doubles each time. Default 100 ms; at least 0.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between attempts. Default 10 s; above 0, at least <see cref="FirstBackOff"/>.</summary>
    public TimeSpan MaxBackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs accepted and not ended, at most; above it 503. Default 100,000; at least 1.</summary>
    public int MaxBacklog { get; init; } = 100_000;

    /// <summary>How long a run and its result are kept after its end. Default 7 days; above 0.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Everything that is out of its bounds.</summary>
    /// <param name="path">Where these options stand in larger ones.</param>
    public IReadOnlyList<Fault> Faults(string path = "")
    {
        var check = new OptionCheck(path);
        check.Within(Concurrency, 1, 4096);
        check.AtLeast(MaxAttempts, 1);
        check.AtLeast(FirstBackOff, TimeSpan.Zero);
        check.Require(MaxBackOff > TimeSpan.Zero && MaxBackOff >= FirstBackOff, MaxBackOff, "above 0, at least FirstBackOff", nameof(MaxBackOff));
        check.AtLeast(MaxBacklog, 1);
        check.Above(Keep, TimeSpan.Zero);
        return check.Faults;
    }
}
