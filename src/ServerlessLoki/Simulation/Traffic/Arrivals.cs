using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Makes arrivals: generators, rates to replay, recorded traces, mixtures.</summary>
public static class Arrivals
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Makes independent arrivals at a constant rate.</summary>
    /// <param name="qps">Mean rate, queries per second; at least 0.</param>
    /// <param name="duration">Length of the traffic; above 0.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public static IArrivals Poisson(double qps, TimeSpan duration, int pipeline = 0) => new RateArrivals([qps], duration, 1, pipeline);

    /// <summary>Makes a renewal process with gamma-distributed gaps, as InferLine and Proteus do for bursts.</summary>
    /// <param name="qps">Mean rate, queries per second; at least 0.</param>
    /// <param name="squaredCv">Variance over squared mean of the gaps; at least 0: 0 = a clock, 1 = Poisson, 4 = bursty.</param>
    /// <param name="duration">Length of the traffic; above 0.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public static IArrivals Gamma(double qps, double squaredCv, TimeSpan duration, int pipeline = 0) =>
        new RateArrivals([qps], duration, squaredCv, pipeline);

    /// <summary>Makes arrivals that follow given rates, one per step.</summary>
    /// <param name="ratesQps">Mean rate in each step; at least 0.</param>
    /// <param name="step">Length of a step; null = 1 s.</param>
    /// <param name="squaredCv">Burstiness, see <see cref="Gamma"/>; the process runs in operational time.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public static IArrivals Replay(IEnumerable<double> ratesQps, TimeSpan? step = null, double squaredCv = 1, int pipeline = 0) =>
        new RateArrivals([.. ratesQps], step ?? Second, squaredCv, pipeline);

    /// <summary>Makes arrivals whose rate changes at given moments.</summary>
    /// <param name="steps">Rate and how long it holds; lengths are rounded up to whole seconds.</param>
    /// <param name="squaredCv">Burstiness, see <see cref="Gamma"/>.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public static IArrivals Step(IEnumerable<(double Qps, TimeSpan Length)> steps, double squaredCv = 1, int pipeline = 0) =>
        Replay(steps.SelectMany(s => Enumerable.Repeat(s.Qps, (int)Math.Ceiling(s.Length.TotalSeconds))), Second, squaredCv, pipeline);

    /// <summary>Makes the arrivals of days: the rate swings as a sine between two values, beginning at the lower.</summary>
    /// <param name="lowQps">Least rate.</param>
    /// <param name="highQps">Largest rate.</param>
    /// <param name="period">Time from valley to valley.</param>
    /// <param name="duration">Length of the traffic.</param>
    /// <param name="squaredCv">Burstiness, see <see cref="Gamma"/>.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public static IArrivals Diurnal(
        double lowQps, double highQps, TimeSpan period, TimeSpan duration, double squaredCv = 1, int pipeline = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        var seconds = (int)Math.Ceiling(duration.TotalSeconds);
        return Replay(
            Enumerable.Range(0, seconds).Select(s => lowQps + ((highQps - lowQps) * (1 - Math.Cos(2 * Math.PI * (s + 0.5) / period.TotalSeconds)) / 2)),
            Second, squaredCv, pipeline);
    }

    /// <summary>Makes a Markov-modulated Poisson process: the rate jumps between states that last an exponential time.</summary>
    /// <param name="states">Rate and mean stay of each state; at least one. The next state is any other, with equal chance.</param>
    /// <param name="duration">Length of the traffic; above 0.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public static IArrivals MarkovModulated(IEnumerable<(double Qps, TimeSpan MeanStay)> states, TimeSpan duration, int pipeline = 0) =>
        new ModulatedArrivals([.. states], duration, pipeline);

    /// <summary>Makes arrivals from a recorded trace; see <see cref="RecordedArrivals"/>.</summary>
    /// <param name="atUs">Arrival times, microseconds, not falling.</param>
    /// <param name="pipeline">Pipeline index of all.</param>
    public static IArrivals Recorded(IEnumerable<long> atUs, int pipeline = 0) =>
        new RecordedArrivals([.. atUs.Select(t => new Arrival(t, pipeline))]);

    /// <summary>Makes clients that each wait for their answer before they ask again.</summary>
    /// <param name="count">Number of clients.</param>
    /// <param name="duration">Time that the clients are active.</param>
    /// <param name="think">Time from an answer to the next query; null = none.</param>
    /// <param name="retry">Time from a refusal to the next try; null = as long as the refusal asks for.</param>
    /// <param name="pipeline">Pipeline index.</param>
    public static IArrivals Clients(int count, TimeSpan duration, TimeSpan? think = null, TimeSpan? retry = null, int pipeline = 0) => Clients(
        new ClientGroup([(count, duration)], (long)(think ?? TimeSpan.Zero).TotalMicroseconds, RetryUs: (long?)retry?.TotalMicroseconds, Pipeline: pipeline));

    /// <summary>Makes the clients of a group.</summary>
    public static IArrivals Clients(ClientGroup group) => new ClientArrivals(group);

    /// <summary>Merges several streams.</summary>
    public static IArrivals Merge(params IEnumerable<IArrivals> parts) => new MergedArrivals([.. parts]);
}
