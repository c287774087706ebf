namespace ServerlessLoki.Serving.Protocol;

/// <summary>Layout of a request body.</summary>
public enum BodyForm
{
    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>A JSON document followed by binary tensors; its length stands in <c>Inference-Header-Content-Length</c>.</summary>
    Binary,

    /// <summary>Bytes of the only input and nothing else (<c>Inference-Header-Content-Length: 0</c>).</summary>
    Raw,

    /// <summary>Image file, for pipelines whose input is an image. The format is detected from its bytes.</summary>
    Picture,

    /// <summary>A WAV file, for pipelines that take sounds.</summary>
    Sound,

    /// <summary>A form (<c>multipart/form-data</c>) with picture or WAV files, each a row, and the values of declared parameters.</summary>
    Multipart,
}
