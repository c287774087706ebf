using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Variants whose answers are not numbers: plans do without them for a while, as for those that cannot be loaded.</summary>
internal sealed partial class SlotManager
{
    /// <summary>What is wrong with one.</summary>
    public const string NotNumbers = "most of its recent answers were not numbers";

    /// <summary>What is wrong with a variant whose model could not be loaded.</summary>
    public const string NotLoaded = "it could not be loaded";
    private const long UnfitUs = 30_000_000;

    /// <summary>Each return that fails doubles the time, up to 64 times the first.</summary>
    private const int MostDoublings = 6;
    private readonly ConcurrentDictionary<VariantId, Unfitness> _unfit = new();

    /// <param name="Times">How often it was found so.</param>
    /// <param name="UntilUs">When it gets another chance.</param>
    private sealed record Unfitness(int Times, long UntilUs);

    /// <summary>Called by a device's thread for a worker most of whose variant's recent answers were not numbers.</summary>
    public void OnUnfit(Worker worker)
    {
        var (id, nowUs) = (worker.Pool.Id, _clock.NowUs);
        var before = _unfit.GetValueOrDefault(id);
        if (before is not null && nowUs < before.UntilUs)
            return;
        var times = (before?.Times ?? 0) + 1;
        var forUs = UnfitUs << Math.Min(times - 1, MostDoublings);
        _unfit[id] = new Unfitness(times, nowUs + forUs);
        _logger.NotNumbers(_nameOf(id), forUs / 1_000_000);
        Interlocked.Exchange(ref _wantsPlan, 1);
    }

    /// <summary>Why plans do without a variant at present; null where they do not.</summary>
    public string? FaultOf(VariantId id)
    {
        var nowUs = _clock.NowUs;
        if (_unfit.GetValueOrDefault(id) is { } unfit && nowUs < unfit.UntilUs)
            return NotNumbers;
        return _unusableUntilUs.GetValueOrDefault(id) > nowUs ? NotLoaded : null;
    }

    /// <summary>Variants that plans do without because their answers are not numbers.</summary>
    public ImmutableArray<VariantId> Unfit()
    {
        var nowUs = _clock.NowUs;
        return [.. _unfit.Where(u => nowUs < u.Value.UntilUs).Select(u => u.Key)];
    }
}
