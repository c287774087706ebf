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

    /// <summary>Name of this process among those that share the store: each run is executed by the process that holds its lease. Default null:
    /// this process alone uses the store.</summary>
    public string? Owner { get; init; }

    /// <summary>Time after which another process takes up the runs of one that is gone; applies with <see cref="Owner"/>. Default 15 s; 1 s to
    /// 10 min.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time after which an execution without an answer is given up and begun again; above 0. Default null: no limit, since nothing is
    /// lost inside a process.</summary>
    public TimeSpan? Attempt { get; init; }

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
        check.Require(Owner is null || !string.IsNullOrWhiteSpace(Owner), Owner, "a name that no other process has, or null", nameof(Owner));
        check.Within(Lease, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        check.Require(Attempt is not { } limit || limit > TimeSpan.Zero, Attempt, "above 0, or null", nameof(Attempt));
        return check.Faults;
    }
}
