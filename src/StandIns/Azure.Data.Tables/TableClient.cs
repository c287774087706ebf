using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Azure.Core;
using Azure.Data.Tables.Models;
using StandIns.Storage;

namespace Azure.Data.Tables;

public class TableClient
{
    internal const string Json = "application/json;odata=minimalmetadata";
    private const string Next = "x-ms-continuation-Next";
    private readonly StoragePipeline _pipeline;
    private readonly Uri _endpoint;

    internal TableClient(Uri endpoint, string tableName, string account, StoragePipeline pipeline)
    {
        ArgumentException.ThrowIfNullOrEmpty(tableName);
        _endpoint = endpoint;
        _pipeline = pipeline;
        Name = tableName;
        AccountName = account;
        Uri = At(tableName);
    }

    protected TableClient()
    {
    }

    public virtual string Name { get; }

    public virtual string AccountName { get; }

    public virtual Uri Uri { get; }

    public static string CreateQueryFilter(FormattableString filter) => TableServiceClient.CreateQueryFilter(filter);

    public virtual async Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default)
    {
        using var message = Message(RequestMethod.Post, At("Tables"));
        message.Request.Headers.SetValue("Content-Type", Json);
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        message.Request.Content = RequestContent.Create(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal) { ["TableName"] = Name }));
        var response = await _pipeline.SendAsync(message, cancellationToken, 409).ConfigureAwait(false);
        if (response.Status == 409 && TableErrors.Parse(response.Content.ToMemory())?.Code != TableErrorCode.TableAlreadyExists)
            throw new RequestFailedException(response, null, TableErrors.Parser);
        return Response.FromValue(new TableItem(Name), response);
    }

    /// <summary>Answers 404 where there is none.</summary>
    public virtual async Task<Response> DeleteAsync(CancellationToken cancellationToken = default)
    {
        using var message = Message(RequestMethod.Delete, At($"Tables('{Name}')"));
        return await _pipeline.SendAsync(message, cancellationToken, 404).ConfigureAwait(false);
    }

    public virtual async Task<Response> AddEntityAsync<T>(T entity, CancellationToken cancellationToken = default) where T : ITableEntity =>
        await WriteAsync(TableTransactionActionType.Add, entity, default, cancellationToken).ConfigureAwait(false);

    public virtual async Task<Response> UpdateEntityAsync<T>(T entity, ETag ifMatch, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default) where T : ITableEntity =>
        await WriteAsync(mode == TableUpdateMode.Merge ? TableTransactionActionType.UpdateMerge : TableTransactionActionType.UpdateReplace, entity, ifMatch, cancellationToken).ConfigureAwait(false);

    public virtual async Task<Response> UpsertEntityAsync<T>(T entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default) where T : ITableEntity =>
        await WriteAsync(mode == TableUpdateMode.Merge ? TableTransactionActionType.UpsertMerge : TableTransactionActionType.UpsertReplace, entity, default, cancellationToken).ConfigureAwait(false);

    /// <summary>Answers 404 where there is none.</summary>
    public virtual async Task<Response> DeleteEntityAsync(string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancellationToken = default) =>
        await WriteAsync(TableTransactionActionType.Delete, new TableEntity(partitionKey, rowKey), ifMatch, cancellationToken, 404).ConfigureAwait(false);

    /// <summary>No value also where there is no table.</summary>
    public virtual async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(string partitionKey, string rowKey, IEnumerable<string> select = null, CancellationToken cancellationToken = default) where T : class, ITableEntity
    {
        var uri = new RequestUriBuilder();
        uri.Reset(At(EntityRequest.Resource(Name, partitionKey, rowKey)));
        if (select is not null)
            uri.AppendQuery("$select", string.Join(',', select), escapeValue: true);
        using var message = Message(RequestMethod.Get, uri.ToUri());
        var response = await _pipeline.SendAsync(message, cancellationToken, 404).ConfigureAwait(false);
        if (response.Status == 404)
            return new NoValue<T>(response);
        using var document = JsonDocument.Parse(response.Content);
        return Response.FromValue(As<T>(EntityJson.Read(document.RootElement)), response);
    }

    public virtual AsyncPageable<T> QueryAsync<T>(string filter = null, int? maxPerPage = null, IEnumerable<string> select = null, CancellationToken cancellationToken = default) where T : class, ITableEntity =>
        new Pages<T>(maxPerPage, (token, size, stop) => PageAsync<T>(filter, size, select, token, stop), cancellationToken);

    /// <summary>All or nothing; all actions are of one partition.</summary>
    /// <exception cref="TableTransactionFailedException">An action was refused.</exception>
    public virtual async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default)
    {
        var batch = TransactionBody.Write([.. transactionActions.Select(a => EntityRequest.Of(Name, a.ActionType, a.Entity, a.ETag))], _endpoint, out var contentType);
        using var message = Message(RequestMethod.Post, At("$batch"));
        message.Request.Headers.SetValue("Content-Type", contentType);
        message.Request.Content = RequestContent.Create(batch);
        var response = await _pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        return Response.FromValue(TransactionBody.Read(response), response);
    }

    private static T As<T>(TableEntity entity) where T : class => entity as T
        ?? throw new NotSupportedException($"Stand-in: entities are of type TableEntity, not {typeof(T)}.");

    private async Task<Page<T>> PageAsync<T>(string filter, int? size, IEnumerable<string> select, string token, CancellationToken cancellationToken) where T : class
    {
        var uri = new RequestUriBuilder();
        uri.Reset(At(Name + "()"));
        if (!string.IsNullOrEmpty(filter))
            uri.AppendQuery("$filter", filter, escapeValue: true);
        if (size is { } top)
            uri.AppendQuery("$top", top.ToString(System.Globalization.CultureInfo.InvariantCulture), escapeValue: false);
        if (select is not null)
            uri.AppendQuery("$select", string.Join(',', select), escapeValue: true);
        foreach (var (key, name) in Keys(token).Zip((string[])["NextPartitionKey", "NextRowKey"]))
            uri.AppendQuery(name, key, escapeValue: true);
        using var message = Message(RequestMethod.Get, uri.ToUri());
        var response = await _pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        using var document = JsonDocument.Parse(response.Content);
        var entities = document.RootElement.GetProperty("value").EnumerateArray().Select(e => As<T>(EntityJson.Read(e))).ToArray();
        return Page<T>.FromValues(entities, Token(response), response);
    }

    private async Task<Response> WriteAsync(TableTransactionActionType type, ITableEntity entity, ETag ifMatch, CancellationToken cancellationToken, params int[] accepted)
    {
        var write = EntityRequest.Of(Name, type, entity, ifMatch);
        using var message = Message(write.Method, At(write.Path));
        foreach (var (name, value) in write.Headers)
            message.Request.Headers.SetValue(name, value);
        if (!write.Body.IsEmpty)
            message.Request.Content = RequestContent.Create(write.Body);
        return await _pipeline.SendAsync(message, cancellationToken, accepted).ConfigureAwait(false);
    }

    private HttpMessage Message(RequestMethod method, Uri uri)
    {
        var message = _pipeline.Message(method, uri);
        message.Request.Headers.SetValue("Accept", Json);
        message.Request.Headers.SetValue("DataServiceVersion", "3.0");
        return message;
    }

    private Uri At(string path) => new(_endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);

    // Keys may hold any character, so each is escaped in the token.
    private static string Token(Response response) =>
        response.Headers.TryGetValue(Next + "PartitionKey", out var partition)
            ? System.Uri.EscapeDataString(partition) + " " + (response.Headers.TryGetValue(Next + "RowKey", out var row) ? System.Uri.EscapeDataString(row) : "")
            : null;

    private static IEnumerable<string> Keys(string token) =>
        string.IsNullOrEmpty(token) ? [] : token.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(System.Uri.UnescapeDataString);
}
