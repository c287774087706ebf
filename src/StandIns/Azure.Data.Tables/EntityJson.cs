using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Azure.Data.Tables;

/// <summary>Entities as OData JSON with minimal metadata.</summary>
internal static class EntityJson
{
    private const string TypeSuffix = "@odata.type";

    public static ReadOnlyMemory<byte> Write(ITableEntity entity)
    {
        if (entity is not TableEntity values)
            throw new NotSupportedException($"Stand-in: entities are of type TableEntity; found {entity?.GetType().ToString() ?? "null"}.");
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var (name, value) in values)
        {
            // The service's own: it sets them.
            if (value is null || name is "odata.etag" or "Timestamp")
                continue;
            switch (value)
            {
                case string text: json.WriteString(name, text); break;
                case bool flag: json.WriteBoolean(name, flag); break;
                case int number: json.WriteNumber(name, number); break;
                case long number: Typed(json, name, "Edm.Int64", number.ToString(CultureInfo.InvariantCulture)); break;
                case DateTimeOffset time: Typed(json, name, "Edm.DateTime", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture)); break;
                default: throw new NotSupportedException($"Stand-in: property '{name}' has a value of type {value.GetType()}.");
            }
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    public static TableEntity Read(JsonElement element)
    {
        var entity = new TableEntity();
        foreach (var property in element.EnumerateObject())
        {
            if (property.Name.EndsWith(TypeSuffix, StringComparison.Ordinal) || property.Name == "odata.metadata")
                continue;
            entity[property.Name] = Value(element, property);
        }

        return entity;
    }

    private static object Value(JsonElement element, JsonProperty property)
    {
        var type = element.TryGetProperty(property.Name + TypeSuffix, out var annotation) ? annotation.GetString() : null;
        var value = property.Value;
        return (type, value.ValueKind) switch
        {
            ("Edm.Int64", _) => long.Parse(value.GetString()!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
            ("Edm.DateTime", _) => DateTimeOffset.Parse(value.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            (null or "Edm.String", JsonValueKind.String) when property.Name == "Timestamp" => DateTimeOffset.Parse(value.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            (null or "Edm.String", JsonValueKind.String) => value.GetString(),
            (null or "Edm.Boolean", JsonValueKind.True or JsonValueKind.False) => value.GetBoolean(),
            (null or "Edm.Int32", JsonValueKind.Number) => value.GetInt32(),
            (_, JsonValueKind.Null) => null,
            _ => throw new NotSupportedException($"Stand-in: property '{property.Name}' is {type ?? value.ValueKind.ToString()}."),
        };
    }

    private static void Typed(Utf8JsonWriter json, string name, string type, string value)
    {
        json.WriteString(name + TypeSuffix, type);
        json.WriteString(name, value);
    }
}
