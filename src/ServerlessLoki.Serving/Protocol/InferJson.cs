using System.Text.Json;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>JSON part of the answer to an inference.</summary>
internal static class InferJson
{
    /// <summary>Version that every model has.</summary>
    public const string Version = "1";

    public static void Write<TState>(
        Utf8JsonWriter json, string model, string? id, List<(OutputTensor Tensor, bool Binary)> outputs,
        Action<Utf8JsonWriter, TState>? parameters, TState state)
    {
        json.WriteStartObject();
        json.WriteString("model_name"u8, model);
        json.WriteString("model_version"u8, Version);
        if (id is not null)
            json.WriteString("id"u8, id);
        if (parameters is not null)
        {
            json.WriteStartObject("parameters"u8);
            parameters(json, state);
            json.WriteEndObject();
        }

        json.WriteStartArray("outputs"u8);
        foreach (var (tensor, binary) in outputs)
            Write(json, tensor, binary);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, OutputTensor tensor, bool binary)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, tensor.Name);
        json.WriteString("datatype"u8, tensor.Datatype.Name());
        json.WriteStartArray("shape"u8);
        foreach (var dimension in tensor.Shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        if (binary || tensor.Labels is not null)
        {
            json.WriteStartObject("parameters"u8);
            if (binary)
                json.WriteNumber("binary_data_size"u8, tensor.Bytes.Length);
            if (tensor.Labels is not null)
                json.WriteString("labels"u8, tensor.Labels);
            json.WriteEndObject();
        }

        if (!binary)
        {
            json.WriteStartArray("data"u8);
            TensorText.Write(json, tensor.Datatype, tensor.Bytes.Span);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
