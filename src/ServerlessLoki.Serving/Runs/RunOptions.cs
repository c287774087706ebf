using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Options of durable runs.</summary>
public sealed record RunOptions
{
    /// <summary>Most runs in the engine at the same time. Default 16; 1 to 4,096.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Most failures in a model before the run ends as failed. Default 5; at least 1. Refusals because of load do not
    /// count.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Wait before the second attempt; doubles each time. Default 100 ms; at least 0.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between attempts. Default 10 s; above 0, at least <see cref="FirstBackOff"/>.</summary>
    public TimeSpan MaxBackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most runs accepted and not ended; above it 503. Default 100,000; at least 1.</summary>
    public int MaxBacklog { get; init; } = 100_000;

    /// <summary>Time that a run and its result are kept after its end. Default 7 days; above 0.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Lists all options that are out of bounds.</summary>
    /// <param name="path">Place of these options in larger ones.</param>
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
