namespace ServerlessLoki.Forecasting;

/// <summary>Ring buffer of the last samples.</summary>
internal sealed class SampleWindow
{
    private readonly double[] _samples;
    private int _next;

    public SampleWindow(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _samples = new double[capacity];
    }

    public int Count { get; private set; }

    /// <summary>Sample by age; 0 is the newest.</summary>
    public double this[int age] => _samples[(_next - 1 - age + (2 * _samples.Length)) % _samples.Length];

    public void Add(double sample)
    {
        Check(sample);
        _samples[_next] = sample;
        _next = (_next + 1) % _samples.Length;
        Count = Math.Min(Count + 1, _samples.Length);
    }

    /// <summary>Throws unless the sample can be a demand.</summary>
    public static void Check(double sample)
    {
        if (!(sample >= 0) || !double.IsFinite(sample))
            throw new ArgumentOutOfRangeException(nameof(sample), sample, "Demand is a finite number of queries per second, at least 0.");
    }
}
