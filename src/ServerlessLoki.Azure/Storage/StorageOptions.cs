namespace ServerlessLoki.Azure.Storage;

/// <summary>How the storage account is called, and where in it things lie.</summary>
public sealed record StorageOptions
{
    /// <summary>Begin of the tables' names: letters and digits, at most 40.</summary>
    public string TablePrefix { get; init; } = "loki";

    /// <summary>Container of claim checks and inputs of runs; a lifecycle rule may empty it.</summary>
    public string PayloadContainer { get; init; } = "payloads";

    /// <summary>Container of documents and results that are too large for a table; no lifecycle rule may touch it.</summary>
    public string StateContainer { get; init; } = "state";

    /// <summary>Tries after the first, 0..20. With the delays here, five outlast a service that is away for six seconds.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Wait before the second try; doubles with each. A service that says when to come back is believed.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait between tries.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Limit of one try at a table.</summary>
    public TimeSpan TableTryTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Limit of one try at a blob.</summary>
    public TimeSpan BlobTryTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Limit of a call to a table with all its tries.</summary>
    public TimeSpan TableTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit of a call to a blob with all its tries.</summary>
    public TimeSpan BlobTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
