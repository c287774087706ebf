using System;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables.Models;
using StandIns.Storage;

namespace Azure.Data.Tables;

public class TableServiceClient
{
    private readonly StoragePipeline _pipeline;
    private readonly string _account;

    public TableServiceClient(string connectionString)
        : this(connectionString, null)
    {
    }

    public TableServiceClient(string connectionString, TableClientOptions options = null)
    {
        var connection = StorageConnection.Parse(connectionString, "Table", 10002);
        Uri = connection.Endpoint;
        _account = connection.Account;
        _pipeline = Pipeline(options, new SharedKeyPolicy(connection.Account, connection.Key, lite: true));
    }

    public TableServiceClient(Uri endpoint, TokenCredential tokenCredential, TableClientOptions options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(tokenCredential);
        Uri = endpoint;
        _account = endpoint.Host.Split('.')[0];
        _pipeline = Pipeline(options, StoragePipeline.Bearer(tokenCredential));
    }

    protected TableServiceClient()
    {
    }

    public virtual string AccountName => _account;

    public virtual Uri Uri { get; }

    /// <summary>An OData filter: each value is written as a literal of its type.</summary>
    public static string CreateQueryFilter(FormattableString filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return string.Format(CultureInfo.InvariantCulture, filter.Format, [.. filter.GetArguments().Select(Literal)]);
    }

    public virtual TableClient GetTableClient(string tableName) => new(Uri, tableName, _account, _pipeline);

    public virtual async Task<Response> DeleteTableAsync(string tableName, CancellationToken cancellationToken = default) =>
        await GetTableClient(tableName).DeleteAsync(cancellationToken).ConfigureAwait(false);

    internal static StoragePipeline Pipeline(TableClientOptions options, HttpPipelinePolicy authentication)
    {
        options ??= new TableClientOptions();
        return new StoragePipeline(options, authentication, options.VersionText, TableErrors.Parser);
    }

    private static object Literal(object value) => value switch
    {
        string text => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'",
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture) + "L",
        double number => JsonSerializer.Serialize(number),
        DateTimeOffset time => $"datetime'{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffffZ}'",
        null => "",
        _ => throw new NotSupportedException($"Stand-in: TableServiceClient.CreateQueryFilter takes no {value.GetType()}."),
    };
}
