using System;
using System.Collections.Generic;
using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>One write of an entity, alone or in a transaction.</summary>
internal sealed record EntityRequest(RequestMethod Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, ReadOnlyMemory<byte> Body)
{
    public static EntityRequest Of(string table, TableTransactionActionType type, ITableEntity entity, ETag ifMatch)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var headers = new List<(string, string)>();
        if (type is TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpdateReplace or TableTransactionActionType.Delete)
            headers.Add(("If-Match", ifMatch == default ? ETag.All.ToString() : ifMatch.ToString()));
        if (type == TableTransactionActionType.Delete)
            return new EntityRequest(RequestMethod.Delete, Resource(table, entity.PartitionKey, entity.RowKey), headers, default);
        headers.Add(("Content-Type", TableClient.Json));
        var body = EntityJson.Write(entity);
        if (type == TableTransactionActionType.Add)
        {
            headers.Add(("Prefer", "return-no-content"));
            return new EntityRequest(RequestMethod.Post, table, headers, body);
        }

        var merge = type is TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpsertMerge;
        return new EntityRequest(merge ? RequestMethod.Patch : RequestMethod.Put, Resource(table, entity.PartitionKey, entity.RowKey), headers, body);
    }

    public static string Resource(string table, string partitionKey, string rowKey)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentNullException.ThrowIfNull(rowKey);
        return $"{table}(PartitionKey='{Key(partitionKey)}',RowKey='{Key(rowKey)}')";
    }

    private static string Key(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));
}
