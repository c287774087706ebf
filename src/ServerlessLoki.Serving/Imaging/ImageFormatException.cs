namespace ServerlessLoki.Serving.Imaging;

/// <summary>Bytes are no readable image: malformed, of an unknown kind, or larger than allowed. The message says which.</summary>
public class ImageFormatException(string message, Exception? inner = null) : Exception(message, inner);
