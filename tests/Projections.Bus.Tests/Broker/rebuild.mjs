// Asks for a rebuild and a switch over RabbitMQ, and waits for what is told of them. Arguments: the broker's address, the queue of
// commands, the projection and its version.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

const amqp = createRequire(`${process.cwd()}/`)('amqplib');
const [address, queue, projection, version] = process.argv.slice(2);

const connection = await amqp.connect(address);
const channel = await connection.createConfirmChannel();

// Each kind of event has an exchange of its own name; a queue that is bound to it gets every one.
const events = ['ProjectionCaughtUp', 'ProjectionSwitched', 'RebuildFailed'];
const { queue: mine } = await channel.assertQueue('', { exclusive: true });
for (const event of events) {
  const exchange = `Projections.Contracts:${event}`;
  await channel.assertExchange(exchange, 'fanout', { durable: true });
  await channel.bindQueue(mine, exchange, '');
}

function send(command, message) {
  const envelope = {
    messageId: randomUUID(),
    messageType: [`urn:message:Projections.Contracts:${command}`],
    message: { commandId: randomUUID(), projection, requestedBy: 'deploy-script', ...message },
  };
  channel.sendToQueue(queue, Buffer.from(JSON.stringify(envelope)), {
    contentType: 'application/vnd.masstransit+json',
    persistent: true,
  });
  return channel.waitForConfirms();
}

function next(event) {
  return new Promise((resolve, reject) => waiting.push({ event, resolve, reject }));
}

const waiting = [];
await channel.consume(mine, (delivery) => {
  const { messageType, message } = JSON.parse(delivery.content.toString());
  const event = messageType[0].split(':').pop();
  console.log(`${event} ${message.projection} v${message.version}`);
  const at = waiting.findIndex((one) => one.event === event);
  if (event === 'RebuildFailed') waiting.forEach((one) => one.reject(new Error(message.error)));
  else if (at >= 0) waiting.splice(at, 1)[0].resolve(message);
}, { noAck: true });

const caughtUp = next('ProjectionCaughtUp');
await send('RebuildProjection', { version: Number(version), reason: 'a column more' });
await caughtUp;
const switched = next('ProjectionSwitched');
await send('SwitchProjection', { version: Number(version) });
console.log(`who: ${(await switched).who}`);
await connection.close();
