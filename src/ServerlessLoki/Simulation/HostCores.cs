namespace ServerlessLoki.Simulation;

/// <summary>Cores that batches share with the queries' work outside the models: sockets, parsing and answers; and that of the client, where
/// it runs on the same machine.</summary>
/// <remarks>
/// Equal sharing (egalitarian processor sharing, Kleinrock 1967): with n jobs on C cores each runs at speed min(1, C / n). A batch is one job on
/// devices whose slots take turns; others have a processor of their own. A query is one job before it is admitted, which is when its
/// deadline begins to count, and one after it has ended, also when it was refused. Its record then tells when the client sent it and
/// when the client had its answer.
/// </remarks>
/// <param name="Cores">Number of cores; above 0. May be a fraction: the part of the machine that other processes leave free.</param>
/// <param name="BeforeQuery">Core time of each query before it is admitted; at least 0.</param>
/// <param name="AfterQuery">Core time of each query after it has ended; at least 0.</param>
public sealed record HostCores(double Cores, TimeSpan BeforeQuery, TimeSpan AfterQuery);
