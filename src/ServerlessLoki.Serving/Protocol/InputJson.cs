using System.Text.Json;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Entry of <c>inputs</c> in a request.</summary>
internal sealed class InputJson
{
    public string Name { get; private set; } = "";

    public Datatype Datatype { get; private set; }

    public long[] Shape { get; private set; } = [];

    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>Bytes of the entry's binary data; null when the data is in the JSON.</summary>
    public long? BinarySize { get; private set; }

    public void Read(
        ref Utf8JsonReader reader, FaultList faults, string path, InferLimits limits, int jsonBytes, RequestMemory memory)
    {
        if (!JsonText.IsObject(ref reader, faults, path))
            return;
        string? name = null;
        Datatype? datatype = null;
        long[]? shape = null;
        var hasData = false;
        // The protocol fixes no order: data that comes before its shape is read when all is known.
        Utf8JsonReader data = default;
        while (JsonText.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                name = JsonText.ReadName(ref reader, faults, path + ".name", limits.MaxNameLength);
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                reader.Read();
                datatype = ReadDatatype(ref reader, faults, path + ".datatype");
                if (datatype is null)
                    return;
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                reader.Read();
                shape = ReadShape(ref reader, faults, path + ".shape", limits);
                if (shape is null)
                    return;
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                ReadParameters(ref reader, faults, path + ".parameters", limits);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                if (hasData)
                    throw ApiFaultException.Bad($"{path}.data: given twice.");
                hasData = true;
                reader.Read();
                data = reader;
                if (datatype is { } d && shape is not null && faults.IsEmpty)
                {
                    Data = TensorJson.Read(ref reader, faults, path + ".data", d, shape, limits, jsonBytes, memory);
                    data = default;
                }
                else
                {
                    reader.Skip();
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (name is null)
            faults.Add(path + ".name", "missing");
        if (datatype is null)
            faults.Add(path + ".datatype", $"missing; known are {Datatypes.Known}");
        if (shape is null)
            faults.Add(path + ".shape", "missing");
        if (!hasData && BinarySize is null)
            faults.Add(path, "neither data nor parameters.binary_data_size is there");
        if (hasData && BinarySize is not null)
            faults.Add(path, "both data and parameters.binary_data_size are there");
        Name = name ?? "";
        Datatype = datatype ?? default;
        Shape = shape ?? [];
        if (hasData && data.TokenType != JsonTokenType.None && faults.IsEmpty)
            Data = TensorJson.Read(ref data, faults, path + ".data", Datatype, Shape, limits, jsonBytes, memory);
    }

    private static Datatype? ReadDatatype(ref Utf8JsonReader reader, FaultList faults, string path)
    {
        var text = JsonText.ReadName(ref reader, faults, path, 64);
        if (text is null)
            faults.ThrowIfAny();
        if (Datatypes.TryParse(text!, out var datatype))
            return datatype;
        faults.AddUnsupportedDatatype(path, $"'{text}' is no datatype; known are {Datatypes.Known}");
        faults.ThrowIfAny();
        return null;
    }

    private static long[]? ReadShape(ref Utf8JsonReader reader, FaultList faults, string path, InferLimits limits)
    {
        if (!JsonText.IsArray(ref reader, faults, path))
            faults.ThrowIfAny();
        Span<long> dimensions = stackalloc long[limits.MaxRank];
        var rank = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == limits.MaxRank)
                throw ApiFaultException.Bad($"{path}: more than {limits.MaxRank} dimensions.");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out dimensions[rank]) || dimensions[rank] < 0)
                throw ApiFaultException.Bad($"{path}[{rank}]: found {JsonText.Found(ref reader)}, a dimension is an integer of at least 0.");
            rank++;
        }

        var elements = Datatypes.Elements(dimensions[..rank]);
        if (elements < 0 || elements > limits.MaxTensorBytes)
            throw ApiFaultException.TooLarge($"{path}: [{string.Join(',', dimensions[..rank].ToArray())}] has more than {limits.MaxTensorBytes} elements.");
        return dimensions[..rank].ToArray();
    }

    private void ReadParameters(ref Utf8JsonReader reader, FaultList faults, string path, InferLimits limits)
    {
        if (!JsonText.IsObject(ref reader, faults, path))
            return;
        while (JsonText.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("binary_data_size"u8))
            {
                reader.Read();
                BinarySize = (long?)JsonText.ReadNumber(ref reader, faults, path + ".binary_data_size", 0, limits.MaxBodyBytes, "bytes", whole: true);
            }
            else
            {
                if (reader.ValueTextEquals("shared_memory_region"u8))
                    faults.Add(path + ".shared_memory_region", "shared memory is not supported; send the data");
                reader.Read();
                reader.Skip();
            }
        }
    }
}
