using System.Collections.Immutable;

namespace ServerlessLoki.Forecasting;

/// <summary>Largest forecast of several forecasters.</summary>
public sealed class MaxForecaster : IDemandForecaster
{
    private readonly ImmutableArray<IDemandForecaster> _parts;

    /// <summary>Combines forecasters and takes ownership of them.</summary>
    /// <param name="parts">Forecasters to combine; at least one.</param>
    public MaxForecaster(params IDemandForecaster[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfZero(parts.Length, nameof(parts));
        _parts = [.. parts];
    }

    /// <inheritdoc/>
    public string Name => $"max({string.Join(", ", _parts.Select(p => p.Name))})";

    /// <inheritdoc/>
    public double ForecastQps => _parts.Max(p => p.ForecastQps);

    /// <inheritdoc/>
    public void Observe(double qps)
    {
        foreach (var part in _parts)
            part.Observe(qps);
    }
}
