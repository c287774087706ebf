namespace ServerlessLoki.Planning.Concurrency;

/// <summary>Concurrencies at which a server gives nearly all it can.</summary>
/// <param name="Low">Q_low: least of them; full throughput with the least queueing.</param>
/// <param name="High">Q_high: largest of them.</param>
/// <param name="Throughput">Largest throughput seen, in the samples' unit.</param>
/// <param name="Samples">Samples it rests on.</param>
public sealed record ConcurrencyRange(int Low, int High, double Throughput, int Samples);
