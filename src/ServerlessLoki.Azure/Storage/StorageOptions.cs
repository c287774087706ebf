using System.Text.RegularExpressions;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Options of calls to the storage account, and names of its tables and containers.</summary>
public sealed partial record StorageOptions
{
    /// <summary>Prefix of the tables' names: letters and digits, at most 40.</summary>
    public string TablePrefix { get; init; } = "loki";

    /// <summary>Container of claim checks and inputs of runs, 3 to 63 small letters, digits and single hyphens; a lifecycle rule may empty it.</summary>
    public string PayloadContainer { get; init; } = "payloads";

    /// <summary>Container of documents and results that are too large for a table, named likewise; no lifecycle rule may touch it.</summary>
    public string StateContainer { get; init; } = "state";

    /// <summary>Retries of a call, 0..20. With the default delays, five outlast an outage of six seconds.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Wait before the second try, at least 0; doubles with each. A time that the service states has precedence.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait between tries; at least <see cref="RetryDelay"/>.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time limit of one try at a table; above 0.</summary>
    public TimeSpan TableTryTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time limit of one try at a blob; above 0.</summary>
    public TimeSpan BlobTryTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time limit of a call to a table with all its tries; above 0.</summary>
    public TimeSpan TableTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time limit of a call to a blob with all its tries; above 0.</summary>
    public TimeSpan BlobTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Lists all options that are out of bounds.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Require(Table().IsMatch(TablePrefix), TablePrefix, "1 to 40 letters and digits, a letter first", nameof(TablePrefix));
        Container(PayloadContainer, nameof(PayloadContainer));
        Container(StateContainer, nameof(StateContainer));
        check.Within(Retries, 0, 20);
        check.AtLeast(RetryDelay, TimeSpan.Zero);
        check.Require(LongestRetryDelay >= RetryDelay, LongestRetryDelay, $"RetryDelay ({RetryDelay}) or more", nameof(LongestRetryDelay));
        check.Above(TableTryTimeout, TimeSpan.Zero);
        check.Above(BlobTryTimeout, TimeSpan.Zero);
        check.Above(TableTimeout, TimeSpan.Zero);
        check.Above(BlobTimeout, TimeSpan.Zero);
        return check.Faults;

        void Container(string name, string option) => check.Require(
            name.Length is >= 3 and <= 63 && Blob().IsMatch(name), name, "3 to 63 small letters, digits and single hyphens, a letter or digit first and last", option);
    }

    /// <exception cref="OptionsException">Options are out of bounds; lists all.</exception>
    internal StorageOptions Checked()
    {
        var check = new OptionCheck();
        check.Add(Faults());
        check.ThrowIfAny("the storage account");
        return this;
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9]{0,39}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Table();

    [GeneratedRegex(@"^[a-z0-9]+(?:-[a-z0-9]+)*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blob();
}
