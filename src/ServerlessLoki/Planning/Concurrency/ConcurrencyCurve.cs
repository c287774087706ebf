namespace ServerlessLoki.Planning.Concurrency;

/// <summary>Throughput by concurrency of one server: TP(N) = N / (S0 + a(N − 1) + bN(N − 1)) (related.md 4).</summary>
/// <param name="Service">S0: time of a request alone; above 0.</param>
/// <param name="Contention">a: time that each other request adds; at least 0, below S0.</param>
/// <param name="Coherence">b: time that each pair adds; above 0.</param>
public sealed record ConcurrencyCurve(double Service, double Contention, double Coherence)
{
    /// <summary>Requests per unit of time at a concurrency.</summary>
    public double Throughput(double concurrency) =>
        concurrency / (Service + (Contention * (concurrency - 1)) + (Coherence * concurrency * (concurrency - 1)));

    /// <summary>N* = √((S0 − a) / b): the concurrency with the most throughput.</summary>
    public double Best => Math.Sqrt((Service - Contention) / Coherence);
}
