namespace ServerlessLoki.Profiles;

/// <summary>Latency of one variant on one device as a function of the batch size: L(v, b) of the specs.</summary>
/// <remarks>Between profiled sizes it interpolates linearly; above the largest it extends the last slope; made monotone
/// in the batch size (a running maximum), so that measuring noise never makes a larger batch look cheaper.</remarks>
public sealed class BatchLatency
{
    private const int LargestTabled = 256;
    private readonly int[] _batches;
    private readonly double[] _latencyUs;

    // By batch size: routers, batchers and the simulator ask millions of times per second.
    private readonly double[] _table;

    /// <summary>Makes the function from profiled points.</summary>
    /// <param name="batches">Ascending, distinct, at least 1; at least one.</param>
    /// <param name="latencyUs">One latency in microseconds per batch size, above 0.</param>
    /// <exception cref="ArgumentException">The points break a rule above.</exception>
    public BatchLatency(IReadOnlyList<int> batches, IReadOnlyList<double> latencyUs)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(latencyUs);
        if (batches.Count == 0 || batches.Count != latencyUs.Count)
            throw new ArgumentException($"{batches.Count} batch sizes and {latencyUs.Count} latencies: give one latency per size, at least one.", nameof(latencyUs));
        _batches = [.. batches];
        _latencyUs = [.. latencyUs];
        for (var i = 0; i < _batches.Length; i++)
        {
            if (_batches[i] < 1 || (i > 0 && _batches[i] <= _batches[i - 1]))
                throw new ArgumentException($"Batch size {_batches[i]} at {i}: sizes must be at least 1 and ascending.", nameof(batches));
            if (!(_latencyUs[i] > 0) || !double.IsFinite(_latencyUs[i]))
                throw new ArgumentException($"Latency {_latencyUs[i]} µs at batch {_batches[i]}: must be above 0.", nameof(latencyUs));
            if (i > 0)
                _latencyUs[i] = Math.Max(_latencyUs[i], _latencyUs[i - 1]);
        }

        _table = new double[Math.Min(_batches[^1], LargestTabled) + 1];
        for (var b = 0; b < _table.Length; b++)
            _table[b] = Interpolate(b);
    }

    /// <summary>Profiled batch sizes, ascending.</summary>
    public ReadOnlySpan<int> Batches => _batches;

    /// <summary>Largest profiled batch size.</summary>
    public int MaxBatch => _batches[^1];

    /// <summary>Returns the time of one batch of <paramref name="batch"/> rows, microseconds.</summary>
    public double LatencyUs(int batch) => (uint)batch < (uint)_table.Length ? _table[batch] : Interpolate(batch);

    /// <summary>Returns the rows per second of one device that runs batches of this size back to back: q(v, b) = b / L(v, b).</summary>
    public double ThroughputQps(int batch) => batch * 1e6 / LatencyUs(batch);

    /// <summary>Returns the same function with every latency multiplied.</summary>
    /// <param name="factor">Factor on every latency; above 0.</param>
    public BatchLatency Scale(double factor) => factor == 1 ? this : new(_batches, [.. _latencyUs.Select(us => us * factor)]);

    private double Interpolate(int batch)
    {
        if (batch <= _batches[0])
            return _latencyUs[0];
        for (var i = 1; i < _batches.Length; i++)
        {
            if (batch <= _batches[i])
                return Between(i - 1, i, batch);
        }

        return _batches.Length == 1 ? _latencyUs[0] * batch / _batches[0] : Between(_batches.Length - 2, _batches.Length - 1, batch);
    }

    private double Between(int low, int high, int batch)
    {
        var slope = (_latencyUs[high] - _latencyUs[low]) / (_batches[high] - _batches[low]);
        return _latencyUs[low] + (slope * (batch - _batches[low]));
    }
}
