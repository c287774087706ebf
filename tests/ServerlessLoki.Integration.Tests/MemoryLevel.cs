using System.Diagnostics;

namespace ServerlessLoki.Integration.Tests;

/// <summary>Tells a leak from what pools and allocators keep: a leak takes its share in every round of the same work, they do not.</summary>
internal static class MemoryLevel
{
    /// <summary>Repeats work until one round leaves the process no larger than it found it; fails if none does.</summary>
    /// <param name="round">The work; told its number, from 1.</param>
    /// <param name="rounds">At most this many.</param>
    /// <param name="allowed">Growth, bytes, that a round may leave: less than the leak to be found would.</param>
    public static async Task AssertReachedAsync(Func<int, Task> round, int rounds, long allowed)
    {
        var levels = new List<string>();
        var before = Now();
        for (var i = 1; i <= rounds; i++)
        {
            await round(i);
            var after = Now();
            levels.Add($"round {i}: managed {before.Managed >> 20} -> {after.Managed >> 20} MB, resident {before.Resident >> 20} -> {after.Resident >> 20} MB");
            if (after.Managed <= before.Managed + allowed && after.Resident <= before.Resident + allowed)
                return;
            before = after;
        }

        Assert.Fail($"memory grew in every round: {string.Join("; ", levels)}");
    }

    private static (long Managed, long Resident) Now()
    {
        // Aggressive: free memory goes back to the system, so that what is resident is in use.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: false), process.WorkingSet64);
    }
}
