import * as grpc from '@grpc/grpc-js'

// The other yardstick: a grpc-js call answered with the payload it came with, and nothing else.
const same = (bytes: Buffer): Buffer => bytes
const server = new grpc.Server()
server.addService(
  {
    echo: {
      path: '/bare.Bare/Echo',
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    },
  },
  {
    echo: (call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) =>
      callback(null, call.request),
  },
)
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  process.stdout.write(`ready ${port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
