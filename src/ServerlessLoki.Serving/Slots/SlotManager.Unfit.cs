using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Variants whose answers are NaN or infinite: plans leave them out for a while, like those that cannot be loaded.</summary>
internal sealed partial class SlotManager
{
    /// <summary>Fault of a variant whose answers are NaN or infinite.</summary>
    public const string NotNumbers = "most of its recent answers were not numbers";

    /// <summary>Fault of a variant whose model could not be loaded.</summary>
    public const string NotLoaded = "it could not be loaded";
    private const long UnfitUs = 30_000_000;

    /// <summary>Most doublings of the time that a variant is left out: each return that fails doubles it, up to 64 times the
    /// first.</summary>
    private const int MostDoublings = 6;
    private readonly ConcurrentDictionary<VariantId, Unfitness> _unfit = new();

    /// <param name="Times">Number of times that the variant was found unfit.</param>
    /// <param name="UntilUs">Time when the variant is tried again, microseconds.</param>
    private sealed record Unfitness(int Times, long UntilUs);

    /// <summary>Records a worker when most recent answers of its variant were NaN or infinite. Called by a device's thread.</summary>
    public void OnUnfit(Worker worker)
    {
        var (id, nowUs) = (worker.Runs.Id, _clock.NowUs);
        var before = _unfit.GetValueOrDefault(id);
        if (before is not null && nowUs < before.UntilUs)
            return;
        var times = (before?.Times ?? 0) + 1;
        var forUs = UnfitUs << Math.Min(times - 1, MostDoublings);
        _unfit[id] = new Unfitness(times, nowUs + forUs);
        _logger.NotNumbers(_nameOf(id), forUs / 1_000_000);
        Interlocked.Exchange(ref _wantsPlan, 1);
    }

    /// <summary>Returns why plans leave a variant out at present; null where they do not.</summary>
    public string? FaultOf(VariantId id)
    {
        var nowUs = _clock.NowUs;
        if (_unfit.GetValueOrDefault(id) is { } unfit && nowUs < unfit.UntilUs)
            return NotNumbers;
        return _unusableUntilUs.GetValueOrDefault(id) > nowUs ? NotLoaded : null;
    }

    /// <summary>Lists the variants that plans leave out because their answers are NaN or infinite.</summary>
    public ImmutableArray<VariantId> Unfit()
    {
        var nowUs = _clock.NowUs;
        return [.. _unfit.Where(u => nowUs < u.Value.UntilUs).Select(u => u.Key)];
    }
}
