namespace ServerlessLoki.Forecasting;

/// <summary>Estimate of the time that a slot needs to load and warm a variant, from recent loads. Not thread-safe.</summary>
/// <remarks>Variants differ, and a plan must wait for its slowest; but one load that met a stall of the machine is not what the next ones
/// take. So it is the 90th percentile of the last 32.</remarks>
public sealed class LoadTimeEstimate
{
    private const int Kept = 32;
    private const double Share = 0.9;
    private readonly SampleWindow _microseconds = new(Kept);

    /// <summary>Expected time of a load; zero before anything was loaded.</summary>
    public TimeSpan Current { get; private set; }

    /// <summary>Adds the measured time of one load.</summary>
    /// <param name="load">Time from the load's begin until the slot was warm; at least 0.</param>
    public void Observe(TimeSpan load)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(load, TimeSpan.Zero);
        _microseconds.Add(load.TotalMicroseconds);
        var sorted = new double[_microseconds.Count];
        for (var age = 0; age < sorted.Length; age++)
            sorted[age] = _microseconds[age];
        Array.Sort(sorted);
        Current = TimeSpan.FromMicroseconds(sorted[(int)Math.Ceiling(Share * sorted.Length) - 1]);
    }
}
