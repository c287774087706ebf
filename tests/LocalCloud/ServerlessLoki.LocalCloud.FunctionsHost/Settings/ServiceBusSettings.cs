namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>Section extensions/serviceBus of host.json.</summary>
/// <param name="PrefetchCount">Messages that are prefetched.</param>
/// <param name="MaxConcurrentCalls">Most messages of one queue that are processed at once.</param>
/// <param name="MaxAutoLockRenewalDuration">Longest time that a message's lock is renewed while its function runs.</param>
/// <param name="AutoCompleteMessages">True if a message is completed after its function, for triggers without a setting of their
/// own.</param>
internal sealed record ServiceBusSettings(int PrefetchCount, int MaxConcurrentCalls, TimeSpan MaxAutoLockRenewalDuration, bool AutoCompleteMessages)
{
    private const string Section = "extensions:serviceBus:";

    public static ServiceBusSettings Read(SectionReader reader) => new(
        reader.Whole(Section + "prefetchCount", 0, 10_000, standard: 0),
        reader.Whole(Section + "maxConcurrentCalls", 1, 10_000, standard: 16),
        reader.Span(Section + "maxAutoLockRenewalDuration", TimeSpan.Zero, TimeSpan.FromDays(1), standard: TimeSpan.FromMinutes(5)),
        reader.Flag(Section + "autoCompleteMessages", standard: true));
}
