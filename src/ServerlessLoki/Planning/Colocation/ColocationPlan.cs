using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Planning.Colocation;

/// <summary>What several models reach on one device, and what that saves (related.md 2, PERSEUS).</summary>
public sealed class ColocationPlan
{
    private readonly ImmutableArray<ColocatedModel> _models;
    private readonly double _pricePerHour;

    private ColocationPlan(ImmutableArray<ColocatedModel> models, double pricePerHour, ImmutableArray<double> qps) =>
        (_models, _pricePerHour, Qps) = (models, pricePerHour, qps);

    /// <summary>x: largest rate of each model, queries per second.</summary>
    public ImmutableArray<double> Qps { get; }

    /// <summary>Cost of a million queries: 10⁶ · price / (3600 · Σ x).</summary>
    public double PricePerMillion => 1e6 * _pricePerHour / (3600 * Qps.Sum());

    /// <summary>1 − x / X of each model: what it loses by sharing, 0..1.</summary>
    public ImmutableArray<double> Interference => [.. Qps.Select((x, m) => 1 - (x / _models[m].SoloQps))];

    /// <summary>Places models on one device.</summary>
    /// <param name="models">At least one.</param>
    /// <param name="deviceShares">Of the device's busy time, by model; at least 0, summing to at most 1.</param>
    /// <param name="memoryBytes">The device's memory.</param>
    /// <param name="pricePerHour">The device's price.</param>
    /// <exception cref="PlanningRefusedException">The models do not fit the device's memory, or the shares are no shares.</exception>
    public static ColocationPlan Create(ImmutableArray<ColocatedModel> models, ImmutableArray<double> deviceShares, long memoryBytes, double pricePerHour)
    {
        var faults = new List<Fault>();
        var needed = models.Sum(m => m.MemoryBytes);
        if (needed > memoryBytes)
            faults.Add(new Fault("$.models", "the models do not fit the device's memory", $"{string.Join(", ", models.Select(m => $"{m.Name} {m.MemoryBytes}"))}: {needed} bytes", $"at most {memoryBytes} bytes"));
        if (models.IsEmpty || deviceShares.Length != models.Length || deviceShares.Any(s => !(s >= 0)) || deviceShares.Sum() > 1 + 1e-9)
            faults.Add(new Fault("$.deviceShares", "the device cannot be shared like this", string.Join(", ", deviceShares), "a share per model, at least 0, in all at most 1"));
        if (faults.Count > 0)
            throw new PlanningRefusedException("colocation", faults);
        return new ColocationPlan(models, pricePerHour, [.. models.Select((m, i) => m.SoloQps * Math.Min(1, deviceShares[i] / m.Occupancy))]);
    }

    /// <summary>Share of the cost saved against a device per model; below 0 when sharing costs more.</summary>
    /// <param name="wholeDevices">True: dedicated devices are paid whole; false: in proportion to their use.</param>
    public double Saving(bool wholeDevices)
    {
        var dedicated = 0.0;
        for (var m = 0; m < _models.Length; m++)
        {
            var used = Qps[m] / _models[m].SoloQps;
            dedicated += _models[m].PricePerHour * (wholeDevices ? Math.Ceiling(used - 1e-9) : used);
        }

        return 1 - (_pricePerHour / dedicated);
    }
}
